/* The messages panel: which part of the log is shown, where it comes from, following the end. */
import { get } from "./api.js";
import { byId, h, setText } from "./dom.js";
import * as format from "./format.js";
import { MessageTable } from "./record.js";

const page = 50;
const everyMs = 1500; /* at most so often while following */
const newest = -1;

export class Messages {
  #table = new MessageTable(byId("messages"), () => this.#setFollow(false));
  #streams = []; /* as in the status */
  #shown = false;
  #underWay = null; /* AbortController of the question */
  #askedAt = 0;
  #timer = null;
  #endSeen = null; /* sum of end offsets at the last question */

  constructor() {
    byId("message-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.load();
    });
    byId("message-topic").addEventListener("change", () => this.#onTopic());
    byId("message-seek").addEventListener("change", () => this.#onSeek());
    byId("message-partition").addEventListener("change", () => this.#onPartition());
    byId("message-follow").addEventListener("change", (event) => this.#setFollow(event.target.checked));
    byId("message-older").addEventListener("click", () => this.#turn(-1));
    byId("message-newer").addEventListener("click", () => this.#turn(1));
  }

  setShown(shown) {
    this.#shown = shown;
    if (shown) {
      this.load();
    }
  }

  /* Partitions with their offsets; new messages are fetched while following. */
  setStatus(status) {
    this.#streams = status.streams ?? [];
    this.#showTopics();
    this.#showPartitions();
    if (this.#shown && this.#following() && this.#end() !== this.#endSeen) {
      this.#soon();
    }
  }

  /* The chosen topic's; none while they are unknown. */
  get #partitions() {
    const topic = byId("message-topic").value;
    return this.#streams.find((stream) => stream.topic === topic)?.partitions ?? [];
  }

  #end() {
    return this.#partitions.reduce((sum, entry) => sum + (entry.end ?? 0), 0);
  }

  #chosen() {
    const value = byId("message-partition").value;
    return value === "all" ? null : this.#partitions.find((entry) => String(entry.partition) === value);
  }

  #seek() {
    return byId("message-seek").value;
  }

  #following() {
    return byId("message-follow").checked;
  }

  #setFollow(on) {
    byId("message-follow").checked = on;
    if (on) {
      byId("message-seek").value = "newest";
      this.#onSeek();
    }
  }

  #onSeek() {
    const seek = this.#seek();
    byId("message-offset").disabled = seek !== "offset";
    if (seek !== "newest") {
      byId("message-follow").checked = false;
    }
    if (seek !== "offset") {
      this.load();
      return;
    }
    if (!this.#chosen() && this.#partitions.length > 0) {
      byId("message-partition").value = String(this.#partitions[0].partition);
    }
    byId("message-offset").value ||= String(Math.max(0, this.#chosen()?.begin ?? 0));
    byId("message-offset").focus();
  }

  /* Nothing that was chosen or opened in the other topic means anything in this one. */
  #onTopic() {
    this.#table.forget();
    byId("message-partition").value = "all";
    this.#showPartitions();
    this.#onPartition();
  }

  #onPartition() {
    if (!this.#chosen() && this.#seek() === "offset") {
      byId("message-seek").value = "newest"; /* an offset means something in one partition only */
      byId("message-offset").disabled = true;
    }
    this.load();
  }

  #showTopics() {
    const picker = byId("message-topic");
    const topics = this.#streams.map((stream) => stream.topic);
    if (topics.join() !== [...picker.options].map((option) => option.value).join()) {
      picker.replaceChildren(...topics.map((topic) => h("option", { value: topic }, topic)));
    }
    byId("message-topic-box").hidden = topics.length < 2;
  }

  #showPartitions() {
    const picker = byId("message-partition");
    if (picker.options.length !== this.#partitions.length + 1) {
      const value = picker.value;
      picker.replaceChildren(
        h("option", { value: "all" }, "All"),
        ...this.#partitions.map((entry) => h("option", { value: entry.partition }, String(entry.partition))),
      );
      picker.value = value;
      picker.value ||= "all"; /* the other topic had more partitions */
    }
  }

  /* A page back or on, from what is shown, within one partition. */
  #turn(direction) {
    const range = this.#table.range();
    const partition = this.#chosen();
    if (!range || !partition) {
      return;
    }
    const start = direction < 0 ? Math.max(partition.begin ?? 0, range.first - page) : range.last + 1;
    byId("message-seek").value = "offset";
    byId("message-offset").disabled = false;
    byId("message-offset").value = String(start);
    byId("message-follow").checked = false;
    this.load();
  }

  #soon() {
    const wait = Math.max(0, this.#askedAt + everyMs - Date.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#shown && this.#following() && !this.#underWay) {
        this.load();
      }
    }, wait);
  }

  /* The questions that make up what is asked for: one a partition. */
  #questions() {
    const seek = this.#seek();
    const typed = Number(byId("message-offset").value);
    const offset = (entry) => (seek === "newest" ? newest : seek === "oldest" ? (entry.begin ?? 0) : typed);
    const one = this.#chosen();
    const entries = one ? [one] : this.#partitions;
    const topic = byId("message-topic").value;
    return entries.map((entry) => ({ topic, partition: entry.partition, offset: offset(entry), limit: page }));
  }

  async load() {
    if (this.#seek() === "offset" && !byId("message-form").reportValidity()) {
      return;
    }
    const questions = this.#questions();
    if (questions.length === 0) {
      this.#table.show([], "The topic's partitions are not known yet.");
      return;
    }
    this.#underWay?.abort();
    const mine = new AbortController();
    this.#underWay = mine;
    this.#askedAt = Date.now();
    this.#endSeen = this.#end();
    try {
      const answers = await Promise.all(
        questions.map((question) => get("/api/messages", question, mine.signal)),
      );
      this.#show(answers.flat(), questions.length);
    } catch (error) {
      if (!mine.signal.aborted) {
        this.#table.show([], `Messages could not be loaded: ${error.message}.`);
        setText(byId("message-note"), "");
      }
    } finally {
      if (this.#underWay === mine) {
        this.#underWay = null;
      }
    }
  }

  #show(messages, partitions) {
    const oldestFirst = this.#seek() === "oldest";
    const time = (message) => Date.parse(message.timestamp) || 0;
    messages.sort((a, b) => time(b) - time(a) || a.partition - b.partition || b.offset - a.offset);
    const shown = oldestFirst && partitions > 1 ? messages.slice(-page) : messages.slice(0, page);
    const nothing = this.#seek() === "offset" ? "No message at or after this offset." : "No message yet.";
    this.#table.show(shown, nothing);
    const one = this.#chosen();
    byId("message-older").disabled =
      !one || shown.length === 0 || this.#table.range().first <= (one.begin ?? 0);
    byId("message-newer").disabled =
      !one || shown.length === 0 || this.#table.range().last + 1 >= (one.end ?? 0);
    const where = one
      ? `Partition ${one.partition}: offsets ${format.count(one.begin)} to ${format.count(Math.max(0, one.end - 1))}`
      : `${partitions} partitions`;
    const bad = shown.filter((message) => message.error).length;
    setText(
      byId("message-note"),
      `${where} · ${shown.length} shown, newest first${bad > 0 ? ` · ${bad} could not be decoded` : ""} · times are UTC`,
    );
  }
}
