import { IndexedHeap } from './heap.ts';
import type { Instant } from '../identity.ts';

type Deadline<Subject> = {
  readonly at: Instant;
  /** Of two at one time the one that was set first comes first. */
  readonly sequence: number;
  readonly subject: Subject;
};

/** What will happen by itself when its time has come: one deadline a subject. */
export class Deadlines<Subject> {
  readonly #bySubject = new Map<Subject, Deadline<Subject>>();
  readonly #heap = new IndexedHeap<Deadline<Subject>>(
    (one, other) => one.at < other.at || (one.at === other.at && one.sequence < other.sequence),
  );
  #sequence = 0;

  get size(): number {
    return this.#heap.size;
  }

  set(subject: Subject, at: Instant): void {
    if (this.of(subject) === at) return;
    this.clear(subject);
    const deadline = { at, sequence: this.#sequence, subject };
    this.#sequence += 1;
    this.#bySubject.set(subject, deadline);
    this.#heap.put(deadline);
  }

  clear(subject: Subject): void {
    const deadline = this.#bySubject.get(subject);
    if (deadline === undefined) return;
    this.#bySubject.delete(subject);
    this.#heap.remove(deadline);
  }

  of(subject: Subject): Instant | undefined {
    return this.#bySubject.get(subject)?.at;
  }

  earliest(): Instant | undefined {
    return this.#heap.first()?.at;
  }

  /** Takes out what is due, the earliest first. */
  takeDue(now: Instant): Subject | undefined {
    const deadline = this.#heap.first();
    if (deadline === undefined || deadline.at > now) return undefined;
    this.clear(deadline.subject);
    return deadline.subject;
  }
}
