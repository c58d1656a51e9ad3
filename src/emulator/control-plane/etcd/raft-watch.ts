import type { Raft, Role } from './raft/index.ts';

/** Notices what a raft member goes through and says so as etcd's log does (raft's own lines, and node.go). */
export class RaftWatch {
  /** How often this member has seen another leader. */
  changes = 0;
  /** When it last saw one. */
  electedMs = 0;
  readonly #raft: Raft;
  readonly #log: (level: 'info' | 'warn', msg: string, more: object) => void;
  readonly #now: () => number;
  #role: Role = 'follower';
  #lead = '';
  #term: number;

  constructor(raft: Raft, log: (level: 'info' | 'warn', msg: string, more: object) => void, now: () => number) {
    this.#raft = raft;
    this.#log = log;
    this.#now = now;
    this.#term = raft.term;
    this.#say(`${raft.id} became follower at term ${raft.term}`);
  }

  /** Looks at the member again. Returns whether it has another role or leader than before. */
  look(): boolean {
    const { role, lead, term, id } = this.#raft;
    const isChanged = role !== this.#role || lead !== this.#lead;
    if (role !== this.#role || (term !== this.#term && role !== 'follower')) {
      if (role === 'pre-candidate') this.#say(`${id} is starting a new election at term ${term}`);
      if (role === 'leader' && this.#role !== 'candidate') this.#say(`${id} became candidate at term ${term}`);
      this.#say(`${id} became ${role} at term ${term}`);
    }
    if (lead !== this.#lead) {
      if (lead === '') this.#say(`raft.node: ${id} lost leader ${this.#lead} at term ${term}`);
      else if (this.#lead === '') this.#say(`raft.node: ${id} elected leader ${lead} at term ${term}`);
      else this.#say(`raft.node: ${id} changed leader from ${this.#lead} to ${lead} at term ${term}`);
      if (lead !== '') {
        this.changes++;
        this.electedMs = this.#now();
      }
    }
    this.#role = role;
    this.#lead = lead;
    this.#term = term;
    return isChanged;
  }

  #say(msg: string): void {
    this.#log('info', msg, { logger: 'raft', caller: 'etcdserver/zap_raft.go:77' });
  }
}
