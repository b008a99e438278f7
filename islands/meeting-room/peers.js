// Sound and picture between browsers (音视频连接): directly (mesh), or through the platform's media server (janus).
// Both give `onStream(presence, stream|null)` and take the same people; what may not be heard or seen is not sent.

const GATHERING = 1500;
const PATIENCE = 5000;
const RATE = 400_000;

async function described(connection, description) {
  await connection.setLocalDescription(description);
  if (connection.iceGatheringState !== "complete") {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHERING);
      connection.addEventListener("icegatheringstatechange", () => {
        if (connection.iceGatheringState === "complete") {
          clearTimeout(timer);
          resolve();
        }
      });
    });
  }
  return connection.localDescription.sdp;
}

async function limitRate(sender) {
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings ?? []) encoding.maxBitrate = RATE;
  if (parameters.encodings?.length) await sender.setParameters(parameters);
}

/** Watch a connection: `onLost` after it failed or stayed cut for a while, `onUp` when it carries. */
function watch(connection, onUp, onLost) {
  let timer = null;
  connection.addEventListener("connectionstatechange", () => {
    clearTimeout(timer);
    if (connection.connectionState === "connected") onUp();
    else if (connection.connectionState === "failed") onLost();
    else if (connection.connectionState === "disconnected") timer = setTimeout(onLost, PATIENCE);
  });
}

class Peers {
  /** `send(message)` → the platform's answer; `onBreak(kind, isOver)` is told of cuts. */
  constructor(me, { send, onStream, onBreak }) {
    Object.assign(this, { me, send, onStream, onBreak, local: { audio: null, video: null }, people: [], connections: new Map() });
  }

  /** Send these tracks (or null) from now on, without negotiating again. */
  async use(local) {
    this.local = local;
    await this.refresh();
  }

  async update(people) {
    this.people = people.filter((one) => one.presence && one.presence !== this.me);
    for (const presence of [...this.connections.keys()]) {
      const one = this.people.find((person) => person.presence === presence);
      if (!one || !this.concerns(one)) this.drop(presence);
    }
    await this.refresh();
  }

  drop(presence) {
    this.connections.get(presence)?.connection?.close();
    this.connections.delete(presence);
    this.onStream(presence, null);
  }

  incoming(presence, connection) {
    const stream = new MediaStream();
    connection.addEventListener("track", ({ track }) => {
      stream.addTrack(track);
      this.onStream(presence, stream);
    });
  }

  close() {
    for (const presence of [...this.connections.keys()]) this.drop(presence);
  }
}

export class Mesh extends Peers {
  concerns(one) {
    return one.get.audio || one.get.video || one.give.audio || one.give.video;
  }

  async refresh() {
    const concerned = this.people.filter((person) => this.concerns(person));
    if (concerned.length === 0) this.onBreak("peer", true);
    for (const one of concerned) {
      const known = this.connections.get(one.presence);
      if (known) await this.feed(known.connection, one);
      // One side begins, or both would: the smaller id.
      else if (this.me < one.presence) await this.offer(one);
    }
  }

  open(one) {
    this.connections.get(one.presence)?.connection.close();
    const connection = new RTCPeerConnection();
    this.connections.set(one.presence, { connection });
    this.incoming(one.presence, connection);
    watch(connection, () => this.onBreak("peer", true), () => {
      if (this.connections.get(one.presence)?.connection !== connection) return;
      this.drop(one.presence);
      // Losing one of several is that one's cut, which the platform sees by its silence; losing all is ours.
      const isAlone = ![...this.connections.values()].some((other) => other.connection.connectionState === "connected");
      if (isAlone) this.onBreak("peer", false);
      this.refresh();
    });
    return connection;
  }

  async feed(connection, one) {
    for (const { sender, receiver } of connection.getTransceivers()) {
      const kind = receiver.track.kind;
      const track = one.give[kind] ? this.local[kind] : null;
      if (sender.track !== track) await sender.replaceTrack(track);
    }
  }

  async offer(one) {
    const connection = this.open(one);
    for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "sendrecv" });
    await this.feed(connection, one);
    const sdp = await described(connection, await connection.createOffer());
    await this.send({ kind: "offer", to: one.presence, sdp });
  }

  async signal({ from, kind, sdp }) {
    const one = this.people.find((person) => person.presence === from);
    if (!one) return;
    if (kind === "offer") {
      const connection = this.open(one);
      await connection.setRemoteDescription({ type: "offer", sdp });
      for (const transceiver of connection.getTransceivers()) transceiver.direction = "sendrecv";
      await this.feed(connection, one);
      const answer = await described(connection, await connection.createAnswer());
      await this.send({ kind: "answer", to: from, sdp: answer });
      await this.cap(connection);
    } else if (this.connections.get(from)?.connection.signalingState === "have-local-offer") {
      const { connection } = this.connections.get(from);
      await connection.setRemoteDescription({ type: "answer", sdp });
      await this.cap(connection);
    }
  }

  async cap(connection) {
    for (const { sender, receiver } of connection.getTransceivers()) if (receiver.track.kind === "video") await limitRate(sender);
  }
}

export class Janus extends Peers {
  concerns(one) {
    return one.get.audio || one.get.video;
  }

  get mayGive() {
    return this.gives;
  }

  /** Publish when the part has something to send; everything else follows from the people. */
  async begin(gives) {
    this.gives = gives;
    await this.publish();
  }

  async publish() {
    if (!this.gives || this.isPublishing) return;
    this.isPublishing = true;
    try {
      this.publisher?.close();
      const connection = new RTCPeerConnection();
      this.publisher = connection;
      this.senders = {};
      for (const kind of ["audio", "video"]) this.senders[kind] = connection.addTransceiver(kind, { direction: "sendonly" }).sender;
      watch(connection, () => this.onBreak("server", true), () => connection === this.publisher && this.lost());
      await this.feed();
      const sdp = await described(connection, await connection.createOffer());
      const answer = await this.send({ kind: "publish", sdp });
      await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      await limitRate(this.senders.video);
      this.isUp = true;
    } finally {
      this.isPublishing = false;
    }
  }

  async feed() {
    // The server decides who hears whom; here only a voice that nobody may hear stays at home.
    for (const kind of ["audio", "video"]) {
      const isHeard = this.people.length === 0 || this.people.some((one) => one.give[kind]);
      const track = isHeard ? this.local[kind] : null;
      if (this.senders?.[kind] && this.senders[kind].track !== track) await this.senders[kind].replaceTrack(track);
    }
  }

  async refresh() {
    await this.feed();
    if (this.gives && !this.isUp) return;
    for (const one of this.people) {
      if (this.concerns(one) && !this.connections.has(one.presence)) await this.subscribe(one);
    }
  }

  async subscribe(one) {
    const connection = new RTCPeerConnection();
    this.connections.set(one.presence, { connection });
    this.incoming(one.presence, connection);
    watch(connection, () => {}, () => this.connections.get(one.presence)?.connection === connection && this.drop(one.presence));
    try {
      const offer = await this.send({ kind: "subscribe", to: one.presence });
      await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
      const sdp = await described(connection, await connection.createAnswer());
      await this.send({ kind: "answer", to: one.presence, sdp });
    } catch (error) {
      // The other may not have published yet: the next look at the room tries again.
      this.drop(one.presence);
      if (!error.rule) throw error;
    }
  }

  /** The media server has lost us: begin again from nothing, as often as it takes. */
  async lost() {
    this.onBreak("server", false);
    this.isUp = false;
    this.close();
    await this.publish();
    await this.refresh();
  }

  async signal() {}

  close() {
    super.close();
    this.publisher?.close();
    this.publisher = null;
  }
}
