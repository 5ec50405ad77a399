/* The messages panel: which part of the log is shown, what is looked for in it, following the end, a
 * link to one message. */
import * as address from "./address.js";
import { get } from "./api.js";
import { byId, h, setText } from "./dom.js";
import * as format from "./format.js";
import { Search } from "./messages/search.js";
import { MessageTable } from "./record.js";

const page = 50;
const everyMs = 1500; /* at most so often while following */
const lettersEveryMs = 5000; /* the status does not tell when a dead letter comes */
const newest = -1;
const filters = ["message-key", "message-contains"];

export class Messages {
  #table = new MessageTable(byId("messages"), {
    onOpen: (message, open) => this.#onOpen(message, open),
    topic: () => byId("message-topic").value,
    goTo: (place) => this.#goTo(place),
  });
  #streams = []; /* as in the status */
  #letters = []; /* the partitions of the topic of dead letters that is chosen */
  #search = null; /* what is looked for; null: a part of the log is shown */
  #wanted = null; /* the message of a link that is still to be shown */
  #descending = true; /* the newest first */
  #shown = false;
  #underWay = null; /* AbortController of the question */
  #askedAt = 0;
  #timer = null;
  #endSeen = null; /* sum of end offsets at the last question */

  constructor() {
    byId("message-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    byId("message-topic").addEventListener("change", () => this.#onTopic());
    byId("message-seek").addEventListener("change", () => this.#onSeek());
    byId("message-partition").addEventListener("change", () => this.#onPartition());
    byId("message-follow").addEventListener("change", (event) => {
      this.#setFollow(event.target.checked);
      this.#start();
    });
    byId("message-clear").addEventListener("click", () => this.#clear());
    byId("message-go-on").addEventListener("click", () => this.#goOn());
    byId("message-older").addEventListener("click", () => this.#turn(-1));
    byId("message-newer").addEventListener("click", () => this.#turn(1));
    address.onBack(() => this.#readAddress());
    this.#readAddress();
  }

  setShown(shown) {
    this.#shown = shown;
    if (shown) {
      this.load();
    } else {
      this.#underWay?.abort();
    }
  }

  /* Partitions with their offsets; new messages are fetched while following. */
  setStatus(status) {
    this.#streams = status.streams ?? [];
    this.#showTopics();
    this.#showPartitions();
    if (this.#shown && this.#wanted && !this.#underWay && this.#streams.length > 0) {
      this.load();
    } else if (this.#shown && this.#following() && this.#hasGrown()) {
      this.#soon();
    }
  }

  #isLetters() {
    const topic = byId("message-topic").value;
    return this.#streams.some(({ dead_letter_topic: letters }) => letters === topic);
  }

  /* The chosen topic's; none while they are unknown. */
  get #partitions() {
    const topic = byId("message-topic").value;
    return this.#isLetters()
      ? this.#letters
      : (this.#streams.find((stream) => stream.topic === topic)?.partitions ?? []);
  }

  #end() {
    return this.#partitions.reduce((sum, entry) => sum + (entry.end ?? 0), 0);
  }

  #hasGrown() {
    return this.#isLetters() ? Date.now() - this.#askedAt > lettersEveryMs : this.#end() !== this.#endSeen;
  }

  #chosen() {
    const value = byId("message-partition").value;
    return value === "all" ? null : this.#partitions.find((entry) => String(entry.partition) === value);
  }

  #seek() {
    return byId("message-seek").value;
  }

  #filtered() {
    return filters.some((id) => byId(id).value !== "");
  }

  #following() {
    return byId("message-follow").checked;
  }

  /* What is new is on top, and nothing is looked for. */
  #setFollow(on) {
    byId("message-follow").checked = on;
    if (on) {
      byId("message-seek").value = "newest";
      filters.forEach((id) => (byId(id).value = ""));
      this.#forgetLink();
      this.#showFields();
    }
  }

  #showFields() {
    const seek = this.#seek();
    byId("message-offset-box").hidden = seek !== "offset";
    byId("message-offset").disabled = seek !== "offset";
    byId("message-time-box").hidden = seek !== "time";
    byId("message-time").disabled = seek !== "time";
    byId("message-clear").hidden = !this.#filtered();
  }

  #onSeek() {
    const seek = this.#seek();
    if (seek !== "newest") {
      byId("message-follow").checked = false;
    }
    this.#showFields();
    if (seek === "offset") {
      if (!this.#chosen() && this.#partitions.length > 0) {
        byId("message-partition").value = String(this.#partitions[0].partition);
      }
      byId("message-offset").value ||= String(Math.max(0, this.#chosen()?.begin ?? 0));
      byId("message-offset").focus();
    } else if (seek === "time") {
      byId("message-time").value ||= format.moment(Date.now() - 600000);
      byId("message-time").focus();
    } else {
      this.#start();
    }
  }

  #clear() {
    filters.forEach((id) => (byId(id).value = ""));
    this.#start();
  }

  /* Nothing that was chosen or opened in the other topic means anything in this one. */
  #onTopic() {
    this.#table.forget();
    this.#letters = [];
    byId("message-partition").value = "all";
    this.#showPartitions();
    this.#onPartition();
  }

  #onPartition() {
    if (!this.#chosen() && this.#seek() === "offset") {
      byId("message-seek").value = "newest"; /* an offset means something in one partition only */
      this.#showFields();
    }
    this.#start();
  }

  #showTopics() {
    const picker = byId("message-topic");
    const topics = this.#streams.map((stream) => stream.topic);
    const letters = this.#streams.map((stream) => stream.dead_letter_topic).filter(Boolean);
    const option = (topic) => h("option", { value: topic }, topic);
    if ([...topics, ...letters].join() !== [...picker.options].map(({ value }) => value).join()) {
      const value = picker.value;
      picker.replaceChildren(
        ...topics.map(option),
        letters.length > 0 ? h("optgroup", { label: "Dead letters" }, letters.map(option)) : "",
      );
      picker.value = [...topics, ...letters].includes(value) ? value : (topics[0] ?? "");
    }
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

  /* The reader opened or closed a message. */
  #onOpen({ partition, offset }, open) {
    byId("message-follow").checked = false;
    if (open) {
      address.push({ topic: byId("message-topic").value, partition, offset }, "messages");
    } else {
      this.#forgetLink();
    }
  }

  #forgetLink() {
    if (address.tab() === "messages") {
      address.replace({ topic: null, partition: null, offset: null });
    }
  }

  /* The message that the address names, when the page opens and after Back. */
  #readAddress() {
    const [partition, offset] = ["partition", "offset"].map((name) => address.get(name));
    if (address.tab() !== "messages") {
      return;
    }
    if (/^\d+$/.test(partition ?? "") && /^\d+$/.test(offset ?? "")) {
      this.#wanted = { topic: address.get("topic"), partition: Number(partition), offset: Number(offset) };
      if (this.#table.open(this.#wanted, byId("message-topic").value)) {
        this.#wanted = null; /* it is in the table */
      } else if (this.#shown) {
        this.load();
      }
    } else {
      this.#table.close();
    }
  }

  /* A link of the page to a message. */
  #goTo({ topic, partition, offset }) {
    address.push({ topic, partition, offset }, "messages");
    this.#readAddress();
  }

  /* Sets the form to the message of a link. Returns why that cannot be; null: it is set. */
  async #setWanted({ topic, partition, offset }) {
    const picker = byId("message-topic");
    if (topic !== null && ![...picker.options].some(({ value }) => value === topic)) {
      return `Topic ${topic} is not shown here.`;
    }
    if (topic !== null && picker.value !== topic) {
      picker.value = topic;
      this.#table.forget();
      this.#letters = [];
      await this.#loadLetters();
    }
    this.#showPartitions();
    if (!this.#partitions.some((entry) => entry.partition === partition)) {
      return `Topic ${picker.value} has no partition ${partition}.`;
    }
    filters.forEach((id) => (byId(id).value = ""));
    byId("message-follow").checked = false;
    byId("message-partition").value = String(partition);
    byId("message-seek").value = "offset";
    byId("message-offset").value = String(offset);
    this.#descending = false;
    this.#showFields();
    return null;
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
    byId("message-offset").value = String(start);
    byId("message-follow").checked = false;
    this.#showFields();
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

  /* The reader asks anew. */
  #start() {
    this.#wanted = null;
    this.#forgetLink();
    this.#descending = this.#seek() === "newest";
    if (this.#filtered() || this.#seek() !== "newest") {
      byId("message-follow").checked = false;
    }
    this.#showFields();
    this.load();
  }

  /* The questions that make up what is asked for: one a partition. */
  #questions() {
    const seek = this.#seek();
    const typed = Number(byId("message-offset").value);
    const offset = (entry) => (seek === "newest" ? newest : seek === "oldest" ? (entry.begin ?? 0) : typed);
    const topic = byId("message-topic").value;
    return this.#asked().map((entry) => ({
      topic,
      partition: entry.partition,
      offset: offset(entry),
      limit: page,
    }));
  }

  #asked() {
    const one = this.#chosen();
    return one ? [one] : this.#partitions;
  }

  /* What is looked for, or null if nothing is. */
  #newSearch() {
    const [key, contains] = filters.map((id) => byId(id).value || null);
    const time = this.#seek() === "time" ? `${byId("message-time").value.replace(" ", "T")}Z` : null;
    if (key === null && contains === null && time === null) {
      return null;
    }
    const question = { topic: byId("message-topic").value, key, contains, time, limit: page };
    const from = { oldest: (entry) => entry.begin ?? 0, offset: () => Number(byId("message-offset").value) };
    const begin = from[this.#seek()];
    const next = (entry) => (begin ? { from: begin(entry) } : {});
    const byKey = key !== null && !this.#chosen();
    const places = byKey
      ? [{ partition: null, next: begin ? { from: 0 } : {} }]
      : this.#asked().map((entry) => ({ ...entry, next: next(entry) }));
    return new Search(question, places);
  }

  async #loadLetters() {
    if (this.#isLetters()) {
      try {
        this.#letters = await get("/api/partitions", { topic: byId("message-topic").value });
      } catch (error) {
        if (error.status !== 400) {
          throw error;
        }
        this.#letters = []; /* the topic has not been made yet */
      }
      this.#showPartitions();
    }
  }

  /* Runs `work(signal)` alone; what was under way is given up. */
  async #alone(work) {
    this.#underWay?.abort();
    const mine = new AbortController();
    this.#underWay = mine;
    this.#askedAt = Date.now();
    try {
      await work(mine.signal);
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

  async load() {
    if (!byId("message-form").reportValidity()) {
      return;
    }
    await this.#alone(async (signal) => {
      await this.#loadLetters();
      if (signal.aborted) {
        return;
      }
      const wanted = this.#wanted;
      const trouble = wanted && this.#streams.length > 0 ? await this.#setWanted(wanted) : null;
      if (signal.aborted) {
        return;
      }
      if (trouble) {
        this.#wanted = null;
        this.#table.show([], trouble);
        setText(byId("message-note"), "");
      } else if (this.#partitions.length === 0) {
        this.#table.show(
          [],
          this.#isLetters()
            ? "No dead letters: their topic has not been made yet."
            : "The topic's partitions are not known yet.",
        );
        setText(byId("message-note"), "");
      } else {
        this.#endSeen = this.#end();
        this.#search = this.#newSearch();
        await (this.#search ? this.#look(signal) : this.#read(signal));
      }
    });
  }

  async #read(signal) {
    const questions = this.#questions();
    const answers = await Promise.all(
      questions.map((question) => get("/api/messages", question, signal)),
    );
    this.#show(answers.flat(), questions.length);
  }

  #goOn() {
    if (this.#search) {
      this.#alone((signal) => this.#look(signal));
    }
  }

  /* One round of the search. */
  async #look(signal) {
    byId("message-go-on").hidden = true;
    this.#showSearch(true);
    await this.#search.goOn(signal, () => this.#showSearch(true));
    this.#showSearch(false);
  }

  #showSearch(running) {
    const search = this.#search;
    this.#sort(search.messages);
    this.#table.show(search.messages, running ? "Looking …" : "No such message in what was looked at.");
    const parts = [running ? "Looking …" : null, search.words(), this.#orderWords()];
    setText(byId("message-note"), parts.filter(Boolean).join(" · "));
    byId("message-go-on").hidden = running || !search.hasMore;
    byId("message-older").disabled = true;
    byId("message-newer").disabled = true;
  }

  /* By time, within a time and partition by offset. */
  #sort(messages) {
    const time = (message) => Date.parse(message.timestamp) || 0;
    const sign = this.#descending ? -1 : 1;
    messages.sort(
      (a, b) => sign * (time(a) - time(b)) || a.partition - b.partition || sign * (a.offset - b.offset),
    );
  }

  #orderWords() {
    return `${this.#descending ? "newest" : "oldest"} first · times are UTC`;
  }

  #show(messages, partitions) {
    byId("message-go-on").hidden = true;
    this.#sort(messages);
    const shown = messages.slice(0, page);
    const nothing = this.#seek() === "offset" ? "No message at or after this offset." : "No message yet.";
    this.#table.show(shown, nothing);
    const one = this.#chosen();
    byId("message-older").disabled =
      !one || shown.length === 0 || this.#table.range().first <= (one.begin ?? 0);
    byId("message-newer").disabled =
      !one || shown.length === 0 || this.#table.range().last + 1 >= (one.end ?? 0);
    const where = one
      ? `Partition ${one.partition}: offsets ${format.count(one.begin)} to ${format.count(Math.max(0, one.end - 1))}`
      : `${partitions} ${partitions === 1 ? "partition" : "partitions"}`;
    const bad = shown.filter((message) => message.error).length;
    const parts = [
      this.#wantedWords(),
      where,
      `${shown.length} shown, ${this.#orderWords()}`,
      bad > 0 ? `${bad} could not be decoded` : null,
    ];
    setText(byId("message-note"), parts.filter(Boolean).join(" · "));
  }

  /* Opens the message of a link. Returns words if it is not there; null: it is, or there was no link. */
  #wantedWords() {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (!wanted || this.#table.open(wanted, byId("message-topic").value)) {
      return null;
    }
    const begin = this.#chosen()?.begin ?? 0;
    return wanted.offset < begin
      ? `Offset ${format.count(wanted.offset)} is not in the log any more`
      : `Offset ${format.count(wanted.offset)} is not in the log`;
  }
}
