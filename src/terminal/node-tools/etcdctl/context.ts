/** What every command of etcdctl gets: its words and flags, and the way to the members. */
import type { EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import type { Arguments } from '../arguments.ts';

export interface Reached {
  readonly endpoint: string;
  readonly etcd: EtcdMember;
}

export interface Unreached {
  readonly endpoint: string;
  readonly error: string;
}

export interface Context extends Arguments {
  readonly sys: Sys;
  /** As they were given, or of all members with --cluster. */
  readonly endpoints: readonly string[];
  /** Asks one of them; it takes the command's timeout to find out that nobody answers. */
  readonly reach: (endpoint: string) => Call<Reached | Unreached>;
  /** The first that answers. */
  readonly etcd: EtcdMember;
  readonly format: string;
}

/** Exit codes of etcd's pkg/cobrautl. */
export const exitCodes = { error: 1, badFeature: 4, badArguments: 128 };

export function* usage(sys: Sys, message: string, status = exitCodes.error): Call<number> {
  yield* sys.print(2, `Error: ${message}\n`);
  return status;
}

/** Identifiers are 64 bits wide: more than a number keeps. */
export const decimal = (id: string): string => BigInt(`0x${id}`).toString();
