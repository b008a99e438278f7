// What one window keeps of one form (草稿): pure, so that it is tested without a browser.

/** What a window keeps of one form: what it typed and has not been answered for (pure, tested without a browser). */
export class Sheet {
  constructor(window_, revisions) {
    this.window = window_;
    this.base = { ...revisions };
    this.number = { ...revisions };
    this.pending = {};
  }

  type(field, text) {
    this.number[field] = (this.number[field] ?? 0) + 1;
    this.pending[field] = { field, base: this.base[field] ?? 0, revision: this.number[field], text };
  }

  /** What a reload found: it was typed by this window's predecessor and goes on as its own. */
  restore(window_, pending) {
    this.window = window_;
    for (const change of Object.values(pending)) {
      this.pending[change.field] = change;
      this.number[change.field] = Math.max(this.number[change.field] ?? 0, change.revision);
    }
  }

  changes() {
    return Object.values(this.pending);
  }

  get isClean() {
    return this.changes().length === 0;
  }

  /** Hear what stands on the server; return {field: {text, dropped}} of the fields that must be shown anew. */
  hear(fields) {
    const foreign = {};
    for (const [field, kept] of Object.entries(fields)) {
      const own = this.pending[field];
      if (kept.window === this.window) {
        this.base[field] = Math.max(this.base[field] ?? 0, kept.revision);
        if (own && own.revision <= kept.revision) delete this.pending[field];
      } else if (own || kept.revision !== this.base[field]) {
        foreign[field] = { text: kept.text, dropped: own && own.text !== kept.text ? own.text : null };
        delete this.pending[field];
        this.base[field] = this.number[field] = kept.revision;
      }
    }
    return foreign;
  }

  forget() {
    this.pending = {};
  }
}
