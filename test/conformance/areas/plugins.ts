/** Programs called kubectl-… in PATH. */
import type { Area } from '../area.ts';

export const plugins: Area = {
  name: 'plugins',
  cluster: 'control-plane',
  files: {
    'bin/kubectl-hello': '#!/bin/sh\necho hello "$@"\n',
    'bin/kubectl-hello-world': '#!/bin/sh\necho "the world: $#"\n',
    'bin/kubectl-under_score': '#!/bin/sh\necho underscore\n',
    'bin/kubectl-fails': '#!/bin/sh\necho "no luck" >&2\nexit 7\n',
    'bin/kubectl-get': '#!/bin/sh\necho never\n',
    'bin/kubectl-create-thing': '#!/bin/sh\necho "a thing: $1"\n',
    'bin/kubectl-create': '#!/bin/sh\necho never\n',
    'bin/kubectl-text': '#!/bin/sh\necho never\n',
    'bin/kubectl-words': 'echo no program\n',
    'bin/other': '#!/bin/sh\necho never\n',
  },
  commands: [
    'plugin list',
    'plugin list --name-only',
    'hello',
    'hello there -n x --flag=1',
    'hello world again',
    'hello-world',
    'under-score',
    'fails',
    'text',
    '-n x hello',
    'nobody',
    'create thing one --two',
    'create thingy',
    'create configmap cm --from-literal=a=b',
    'get hello',
    'help hello',
    'hello --help',
    'api-versions hello',
  ],
};
