/**
 * Network programs: they see the wire from a process's end, in the words of the real tools.
 *
 * Pure programs on `Sys`, one file each; BusyBox's and Debian's forms of a tool live in one program, which looks where it runs.
 * Absent: interactive nslookup, TLS handshakes shown in detail, IPv6.
 */
import type { Program } from '../../../../emulator/kernel/index.ts';
import { arp, bridge } from './bridge.ts';
import { conntrack } from './conntrack.ts';
import { curl } from './curl.ts';
import { dig, host } from './dig.ts';
import { getent } from './getent.ts';
import { ip } from './ip.ts';
import { iptables, iptablesSave } from './iptables.ts';
import { lsof } from './lsof.ts';
import { nc } from './nc.ts';
import { nslookup } from './nslookup.ts';
import { ping } from './ping.ts';
import { ipset, ipvsadm, nft } from './proxy-tables.ts';
import { redisCli } from './redis-cli.ts';
import { netstat, ss } from './sockets.ts';
import { tc } from './tc.ts';
import { tcpdump } from './tcpdump.ts';
import { traceroute } from './traceroute.ts';
import { wget } from './wget.ts';

/** Programs by the name under which they are found in PATH. */
export const netPrograms: ReadonlyMap<string, Program> = new Map(
  Object.entries({
    arp,
    bridge,
    conntrack,
    curl,
    dig,
    getent,
    host,
    ip,
    ipset,
    iptables,
    'iptables-save': iptablesSave,
    ip6tables: iptables,
    'ip6tables-save': iptablesSave,
    ipvsadm,
    lsof,
    nc,
    ncat: nc,
    netstat,
    nft,
    nslookup,
    ping,
    'redis-cli': redisCli,
    ss,
    tc,
    tcpdump,
    traceroute,
    wget,
  }),
);
