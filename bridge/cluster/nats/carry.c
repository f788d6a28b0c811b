#include "bridge/cluster/nats/carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/cluster/nats/api.h"
#include "bridge/cluster/nats/link.h"

#define MAKE_MS       10000 /* to make the stream */
#define LOOK_AGAIN_MS 1000
#define UNFIT_MS      5000

/* ---- sent ---- */

/* It waits from now on; then it is sent, for the answer may be quick. Another thread may have it as
 * soon as it waits. */
static void send_ask(struct engine *engine, struct ask *ask, const char *subject, const void *bytes,
		     size_t len, uint64_t wait_ms)
{
	uint64_t serial, us = now_us();

	pthread_mutex_lock(&engine->lock);
	ask->sent_us = ask->kind == ASK_READ && ask->sent_us ? ask->sent_us : us;
	asks_wait(&engine->asks, ask, us / 1000 + wait_ms);
	serial = ask->serial;
	pthread_mutex_unlock(&engine->lock);
	/* What was not sent is late, and told so. */
	(void)nats_link_send(engine->link, subject, serial, bytes, len);
}

static void send_read(struct engine *engine, struct ask *ask)
{
	char to[SUBJECT_MAX + 64], shard[SUBJECT_MAX];
	char *json = api_get(subject_of_shard(&engine->subjects, ask->shard, shard), ask->next);

	snprintf(to, sizeof(to), "$JS.API.%s.%.100s", ask->leader ? "STREAM.MSG.GET" : "DIRECT.GET",
		 engine->subjects.stream);
	send_ask(engine, ask, to, json, strlen(json), LOG_WAIT_MS);
	free(json);
}

static void send_purge(struct engine *engine, struct ask *ask)
{
	char to[SUBJECT_MAX + 64], shard[SUBJECT_MAX];
	char *json = api_purge(subject_of_shard(&engine->subjects, ask->shard, shard), ask->from);

	snprintf(to, sizeof(to), "$JS.API.STREAM.PURGE.%.100s", engine->subjects.stream);
	send_ask(engine, ask, to, json, strlen(json), LOG_WAIT_MS);
	free(json);
}

static void send_make(struct engine *engine, struct ask *ask)
{
	char to[SUBJECT_MAX + 64];
	char *json = api_make_stream(&engine->subjects, engine->replicas);

	snprintf(to, sizeof(to), "$JS.API.STREAM.CREATE.%.100s", engine->subjects.stream);
	ask->kind = ASK_MAKE;
	send_ask(engine, ask, to, json, strlen(json), MAKE_MS);
	free(json);
}

static enum log_kind kind_of(enum ask_kind kind)
{
	return kind == ASK_APPEND ? LOG_APPENDED : kind == ASK_READ ? LOG_RANGE : LOG_PURGED;
}

static void tell_refused(struct engine *engine, const struct command *command)
{
	struct log_event event = { .kind = kind_of(command->kind),
				   .result = LOG_REFUSED,
				   .shard = command->shard,
				   .tag = command->tag,
				   .from = command->from,
				   .leader = command->leader };

	pthread_mutex_lock(&engine->lock);
	engine->figures.failures += command->kind == ASK_APPEND;
	pthread_mutex_unlock(&engine->lock);
	engine_tell(engine, &event);
}

/* A place for it, unless it is refused. */
static struct ask *place_for(struct engine *engine, const struct command *command)
{
	struct ask *ask = NULL;

	pthread_mutex_lock(&engine->lock);
	if (!command->refused && engine->connected && engine->fit)
		ask = asks_add(&engine->asks);
	if (ask) {
		ask->kind = command->kind;
		ask->leader = command->leader;
		ask->shard = command->shard;
		ask->tag = command->tag;
		ask->from = ask->next = command->from;
		ask->most = command->most;
		ask->len = command->len;
		engine->figures.reads += command->kind == ASK_READ;
	}
	pthread_mutex_unlock(&engine->lock);
	return ask;
}

static void send_message(struct engine *engine, const struct command *command)
{
	char to[SUBJECT_MAX + 32];

	if (command->shard == LOG_NODE_ALL)
		snprintf(to, sizeof(to), "%sall", engine->subjects.bus);
	else
		snprintf(to, sizeof(to), "%s%u", engine->subjects.bus, command->shard);
	(void)nats_link_send(engine->link, to, 0, command->bytes, command->len);
}

void engine_carry_out(struct engine *engine, const struct command *command)
{
	char to[SUBJECT_MAX];
	struct ask *ask;

	if (command->kind == ASK_SEND) {
		send_message(engine, command);
		return;
	}
	ask = place_for(engine, command);
	if (!ask)
		tell_refused(engine, command);
	else if (command->kind == ASK_READ)
		send_read(engine, ask);
	else if (command->kind == ASK_PURGE)
		send_purge(engine, ask);
	else
		send_ask(engine, ask, subject_of_shard(&engine->subjects, ask->shard, to),
			 command->bytes, command->len, LOG_WAIT_MS);
}

void engine_look_at_stream(struct engine *engine)
{
	char to[SUBJECT_MAX + 64];
	struct ask *ask;

	pthread_mutex_lock(&engine->lock);
	ask = asks_add(&engine->asks);
	engine->look_ms = ask ? 0 : now_us() / 1000 + LOOK_AGAIN_MS;
	if (ask)
		ask->kind = ASK_LOOK;
	pthread_mutex_unlock(&engine->lock);
	snprintf(to, sizeof(to), "$JS.API.STREAM.INFO.%.100s", engine->subjects.stream);
	if (ask)
		send_ask(engine, ask, to, "", 0, LOG_WAIT_MS);
}

/* ---- what came of it ---- */

/* Tells it, with what it has, and gives its place back. */
static void end_ask(struct engine *engine, struct ask *ask, struct log_event event)
{
	event.kind = kind_of(ask->kind);
	event.shard = ask->shard;
	event.tag = ask->tag;
	event.from = ask->from;
	event.leader = ask->leader;
	event.records = ask->records;
	event.record_count = event.result == LOG_OK ? ask->count : 0;
	pthread_mutex_lock(&engine->lock);
	engine->figures.read_records += event.record_count;
	if (ask->kind == ASK_APPEND && event.result == LOG_OK) {
		engine->figures.appends++;
		engine->figures.append_bytes += ask->len;
		engine->figures.append_us_last = now_us() - ask->sent_us;
		engine->figures.append_us += engine->figures.append_us_last;
	} else if (ask->kind == ASK_APPEND) {
		engine->figures.failures++;
	}
	pthread_mutex_unlock(&engine->lock);
	engine_tell(engine, &event);
	pthread_mutex_lock(&engine->lock);
	asks_drop(&engine->asks, ask);
	pthread_mutex_unlock(&engine->lock);
}

static void end_unknown(struct engine *engine, struct ask *ask)
{
	end_ask(engine, ask, (struct log_event){ .result = LOG_UNKNOWN });
}

/* The stream's own: it is looked at again, unless it is as it has to be. Where nobody answers, it
 * counts as it was before. */
static void end_look(struct engine *engine, struct ask *ask, enum log_state state, const char *text)
{
	bool told;

	pthread_mutex_lock(&engine->lock);
	asks_drop(&engine->asks, ask);
	if (state != LOG_AWAY)
		engine->fit = state == LOG_READY;
	told = engine->connected && (state != LOG_AWAY || !engine->fit);
	engine->looked = engine->connected && state == LOG_READY;
	engine->look_ms = now_us() / 1000 + (state == LOG_UNFIT ? UNFIT_MS : LOOK_AGAIN_MS);
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	if (told)
		engine_state(engine, state, text);
}

void engine_tell_late(struct engine *engine, uint64_t now_ms)
{
	struct ask *ask;

	for (;;) {
		pthread_mutex_lock(&engine->lock);
		ask = asks_take_late(&engine->asks, now_ms);
		pthread_mutex_unlock(&engine->lock);
		if (!ask)
			return;
		if (ask->kind == ASK_LOOK || ask->kind == ASK_MAKE)
			end_look(engine, ask, LOG_AWAY, "JetStream does not answer");
		else
			end_unknown(engine, ask);
	}
}

/* ---- answers ---- */

static void append_answered(struct engine *engine, struct ask *ask, const void *bytes, size_t len)
{
	struct api_answer answer;
	bool stored = api_read_append(bytes, len, &answer) == API_OK;

	end_ask(engine, ask,
		(struct log_event){ .result = stored ? LOG_OK : LOG_UNKNOWN,
				    .sequence = stored ? answer.sequence : 0 });
}

static void purge_answered(struct engine *engine, struct ask *ask, const void *bytes, size_t len)
{
	struct api_answer answer;
	bool done = api_read_plain(bytes, len, &answer) == API_OK;

	end_ask(engine, ask, (struct log_event){ .result = done ? LOG_OK : LOG_UNKNOWN });
}

static void record_read(struct engine *engine, struct ask *ask, uint64_t sequence,
			const unsigned char *bytes, size_t len)
{
	if (sequence < ask->next) {
		end_unknown(engine, ask);
		return;
	}
	ask_add_record(ask, sequence, bytes, len);
	ask->next = sequence + 1;
	if (ask->count == ask->most || ask->bytes >= LOG_READ_BYTES)
		end_ask(engine, ask, (struct log_event){ .result = LOG_OK });
	else
		send_read(engine, ask);
}

static void leader_answered(struct engine *engine, struct ask *ask, const void *bytes, size_t len)
{
	struct api_answer answer;
	enum api_verdict verdict = api_read_message(bytes, len, &answer);

	if (verdict == API_OK) {
		record_read(engine, ask, answer.sequence, answer.bytes, answer.len);
		free(answer.bytes);
	} else if (verdict == API_ABSENT) {
		end_ask(engine, ask, (struct log_event){ .result = LOG_OK, .end = true });
	} else {
		end_unknown(engine, ask);
	}
}

static void look_answered(struct engine *engine, struct ask *ask, const void *bytes, size_t len)
{
	struct api_answer answer;
	struct api_stream stream;
	char text[ENGINE_NATS_TEXT_MAX];
	int64_t most = nats_link_payload_max(engine->link);
	enum api_verdict verdict = api_read_stream(bytes, len, &engine->subjects, &stream, &answer);

	if (most && most < LOG_RECORD_MOST) {
		snprintf(text, sizeof(text), "max_payload of the server is %lld, less than %d",
			 (long long)most, LOG_RECORD_MOST);
		end_look(engine, ask, LOG_UNFIT, text);
	} else if (verdict == API_ABSENT && ask->kind == ASK_LOOK) {
		send_make(engine, ask);
	} else if (verdict != API_OK) {
		snprintf(text, sizeof(text), "JetStream says: %.240s", answer.text);
		end_look(engine, ask, LOG_UNFIT, text);
	} else if (stream.fault[0]) {
		snprintf(text, sizeof(text), "the stream %.100s cannot be used: %.160s",
			 engine->subjects.stream, stream.fault);
		end_look(engine, ask, LOG_UNFIT, text);
	} else {
		snprintf(text, sizeof(text), "connected");
		nats_link_tell(engine->link, text);
		end_look(engine, ask, LOG_READY, text);
	}
}

/* An answer without a body but a status: 404: there is no such record; 503: nobody takes this. */
static void status_answered(struct engine *engine, struct ask *ask, const char *status)
{
	if (ask->kind == ASK_LOOK || ask->kind == ASK_MAKE)
		end_look(engine, ask, LOG_AWAY, "JetStream is not enabled, or has no leader");
	else if (ask->kind == ASK_READ && strcmp(status, "404") == 0)
		end_ask(engine, ask, (struct log_event){ .result = LOG_OK, .end = true });
	else
		end_unknown(engine, ask);
}

void engine_answered(void *context, uint64_t serial, const char *status, uint64_t sequence,
		     const unsigned char *bytes, size_t len)
{
	struct engine *engine = context;
	struct ask *ask;

	pthread_mutex_lock(&engine->lock);
	ask = asks_take(&engine->asks, serial);
	pthread_mutex_unlock(&engine->lock);
	if (!ask)
		return; /* it was late */
	if (status)
		status_answered(engine, ask, status);
	else if (ask->kind == ASK_APPEND)
		append_answered(engine, ask, bytes, len);
	else if (ask->kind == ASK_PURGE)
		purge_answered(engine, ask, bytes, len);
	else if (ask->kind == ASK_LOOK || ask->kind == ASK_MAKE)
		look_answered(engine, ask, bytes, len);
	else if (ask->leader)
		leader_answered(engine, ask, bytes, len);
	else if (sequence)
		record_read(engine, ask, sequence, bytes, len);
	else
		end_unknown(engine, ask);
}
