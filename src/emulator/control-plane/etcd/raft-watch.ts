import type { Raft, Role } from './raft/index.ts';

/** Where go.etcd.io/raft says what a member has become. */
const lines: Readonly<Record<Role, string>> = {
  follower: 'raft.go:897',
  candidate: 'raft.go:912',
  'pre-candidate': 'raft.go:930',
  leader: 'raft.go:970',
};

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
    this.#say(lines.follower, `${raft.id} became follower at term ${raft.term}`);
  }

  /** Looks at the member again. Returns whether it has another role or leader than before. */
  look(): boolean {
    const { role, lead, term, id } = this.#raft;
    const isChanged = role !== this.#role || lead !== this.#lead;
    if (role !== this.#role || (term !== this.#term && role !== 'follower')) {
      if (role === 'pre-candidate') this.#say('raft.go:988', `${id} is starting a new election at term ${term}`);
      if (role === 'leader' && this.#role !== 'candidate') this.#say(lines.candidate, `${id} became candidate at term ${term}`);
      this.#say(lines[role], `${id} became ${role} at term ${term}`);
    }
    if (lead !== this.#lead) {
      if (lead === '') this.#say('node.go:376', `raft.node: ${id} lost leader ${this.#lead} at term ${term}`);
      else if (this.#lead === '') this.#say('node.go:370', `raft.node: ${id} elected leader ${lead} at term ${term}`);
      else this.#say('node.go:372', `raft.node: ${id} changed leader from ${this.#lead} to ${lead} at term ${term}`);
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

  #say(line: string, msg: string): void {
    this.#log('info', msg, { logger: 'raft', caller: `v3@v3.6.0/${line}` });
  }
}
