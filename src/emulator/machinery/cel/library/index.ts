/** Every function that Kubernetes v1.34 offers to expressions (apiserver/pkg/cel/environment/base.go). */
import { conversions } from './conversions.ts';
import { formatFunctions } from './format.ts';
import { lists } from './lists.ts';
import { network } from './network.ts';
import { operators } from './operators.ts';
import { optionals } from './optionals.ts';
import { quantities } from './quantities.ts';
import { semvers } from './semver.ts';
import { strings } from './strings.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

export const standardFunctions = [
  ...operators,
  ...conversions,
  ...strings,
  ...lists,
  ...times,
  ...optionals,
  ...quantities,
  ...network,
  ...urls,
  ...formatFunctions,
  ...semvers,
];
