#define _POSIX_C_SOURCE 200809L
#include "dragoman.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define SEEN     1000 /* ids of events, so that what is sent again is not done again */
#define TURN_MS  500
#define GRACE_MS 300 /* when it leaves: for what was sent before that was read */

struct dragoman {
	struct dragoman_options options;
	void *context, *socket;
	bool joined, asked, leaving;
	long long beat_ms, due_ms, heard_ms;
	unsigned joins, requests;
	char instance[64], id[32], code[65];
	json_t *inbox; /* of [whether it is an ASK, meta, event] */
	json_t *reply; /* to the request under way: meta of the ACK or ERROR */
	json_int_t seen[SEEN];
	size_t seen_at;
};

static volatile sig_atomic_t ended;

static void end(int number)
{
	ended = number;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

const char *dragoman_text(const json_t *object, const char *key, const char *inner)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(inner ? json_object_get(value, inner) : value);

	return text ? text : "";
}

/* ---- the socket ---- */

/* Takes meta, and envelope, which may be NULL. False: nobody is there. */
static bool put(struct dragoman *backend, const char *command, json_t *meta, json_t *envelope)
{
	json_t *objects[2] = { meta, envelope };
	bool sent = zmq_send(backend->socket, "DGM1", 4, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;

	if (sent) /* what follows the first frame does not wait */
		zmq_send(backend->socket, command, strlen(command), ZMQ_SNDMORE);
	for (int i = 0; i < 2 && objects[i]; i++) {
		char *text = json_dumps(objects[i], 0);

		if (sent)
			zmq_send(backend->socket, text, strlen(text),
				 i == 0 && envelope ? ZMQ_SNDMORE : 0);
		free(text);
		json_decref(objects[i]);
	}
	return sent;
}

static void join(struct dragoman *backend, const json_t *meta)
{
	const char *instance = dragoman_text(meta, "instance", NULL);

	if (strcmp(backend->instance, instance) != 0) { /* another server, or one that forgot it */
		backend->joins++;
		fprintf(stderr, "%s: ready\n", backend->options.name);
	}
	snprintf(backend->instance, sizeof(backend->instance), "%s", instance);
	backend->joined = true;
	backend->beat_ms = json_integer_value(json_object_get(meta, "heartbeat_ms"));
	backend->due_ms = 0;
}

static void hear(struct dragoman *backend, const char *command, json_t *meta, json_t *event)
{
	const char *code = dragoman_text(meta, "code", NULL);
	bool error = !strcmp(command, "ERROR"), ask = !strcmp(command, "ASK");
	bool mine = *backend->id && strcmp(dragoman_text(meta, "id", NULL), backend->id) == 0;
	bool forgotten = error && strcmp(code, "not_ready") == 0, bye = !strcmp(command, "BYE");

	backend->heard_ms = now_ms();
	if (!strcmp(command, "READY"))
		join(backend, meta);
	else if ((ask || !strcmp(command, "EVENT")) && json_object_get(meta, "id"))
		json_array_append_new(backend->inbox, json_pack("[b, O, O]", ask, meta, event));
	else if ((error || !strcmp(command, "ACK")) && mine)
		backend->reply = json_incref(meta);
	else if (error && !forgotten)
		fprintf(stderr, "%s: error: %s: %s\n", backend->options.name, code,
			dragoman_text(meta, "text", NULL));
	if (forgotten) {
		*backend->instance = '\0';
		backend->due_ms = 0;
	}
	backend->joined = backend->joined && !forgotten && !bye;
	if (!backend->joined && !bye)
		backend->asked = false; /* it is heard again: READY, when that is due */
}

/* False: there is no message. */
static bool receive(struct dragoman *backend)
{
	json_t *objects[2] = { NULL, NULL };
	char command[16] = "";
	bool ours = false, more = true;
	size_t count = 0;
	zmq_msg_t frame;

	zmq_msg_init(&frame);
	for (; more && zmq_msg_recv(&frame, backend->socket, ZMQ_DONTWAIT) >= 0; count++) {
		size_t size = zmq_msg_size(&frame);

		more = zmq_msg_more(&frame);
		if (count == 0)
			ours = size == 4 && memcmp(zmq_msg_data(&frame), "DGM1", 4) == 0;
		else if (count == 1 && size < sizeof(command))
			memcpy(command, zmq_msg_data(&frame), size);
		else if (count < 4 && size)
			objects[count & 1] =
			    json_loadb(zmq_msg_data(&frame), size, JSON_ALLOW_NUL, NULL);
		ours = ours && (count != 1 || *command) &&
		       (count < 2 || count > 3 || !size || objects[count & 1]);
	}
	zmq_msg_close(&frame);
	for (int i = 0; i < 2; i++)
		objects[i] = objects[i] ? objects[i] : json_object();
	if (ours && json_is_object(objects[0]) && json_is_object(objects[1]))
		hear(backend, command, objects[0], objects[1]);
	json_decref(objects[0]);
	json_decref(objects[1]);
	return count > 0;
}

static void turn(struct dragoman *backend, long long ms)
{
	zmq_pollitem_t item = { .socket = backend->socket, .events = ZMQ_POLLIN };
	long long now = now_ms();

	backend->leaving = backend->leaving || ended;
	backend->joined = backend->joined && now - backend->heard_ms < 2 * backend->beat_ms;
	if (now >= backend->due_ms) {
		bool joins = !backend->asked && !backend->leaving;
		json_t *meta =
		    joins ? json_pack("{s:s}", "name", backend->options.name) : json_object();
		bool there;

		json_object_update(meta, joins ? backend->options.ready : NULL);
		there = put(backend, joins ? "READY" : "HEARTBEAT", meta, NULL);
		backend->asked = backend->asked || there;
		backend->due_ms = now + (there ? backend->beat_ms : 100);
	}
	ms = ms < backend->due_ms - now ? ms : backend->due_ms - now;
	zmq_poll(&item, 1, ms < TURN_MS ? (long)ms : TURN_MS);
	while (receive(backend))
		;
}

/* ---- what it is asked ---- */

json_t *dragoman_refuse(const char *why)
{
	return json_pack("{s:s, s:s}", "verdict", "refuse", "text", why);
}

json_t *dragoman_change(const char *text)
{
	/* A message that is empty cannot be. */
	return json_pack("{s:s, s:s}", "verdict", *text ? "change" : "refuse", "text", text);
}

static void answer(struct dragoman *backend, const json_t *meta, const json_t *event)
{
	const struct dragoman_options *options = &backend->options;
	bool login = strcmp(dragoman_text(meta, "about", NULL), "login") == 0;
	json_t *said = NULL, *reply, *envelope = NULL;
	const char *verdict;

	if (login && options->login)
		said = options->login(backend, json_object_get(meta, "login"), meta);
	else if (!login && options->ask)
		said = options->ask(backend, event, meta);
	verdict = dragoman_text(said, "verdict", NULL);
	reply = json_pack("{s:s, s:O}", "verdict",
			  *verdict         ? verdict
			  : login && !said ? "refuse"
					   : "allow",
			  "id", json_object_get(meta, "id"));
	if (strcmp(verdict, "refuse") == 0)
		json_object_set(reply, "text", json_object_get(said, "text"));
	else if (login && json_object_size(said) > 0)
		json_object_set(reply, "as", said);
	else if (*verdict)
		envelope = json_incref(said);
	json_object_del(envelope, "verdict");
	put(backend, "ANSWER", reply, envelope);
	json_decref(said);
}

static void acknowledge(struct dragoman *backend, const json_t *meta, const json_t *event)
{
	json_int_t id = json_integer_value(json_object_get(meta, "id"));
	bool seen = false;

	for (size_t i = 0; i < SEEN && !seen; i++)
		seen = backend->seen[i] == id;
	if (!seen && backend->options.event && !backend->options.event(backend, event, meta))
		return;
	if (!seen)
		backend->seen[backend->seen_at++ % SEEN] = id;
	put(backend, "ACK", json_pack("{s:I}", "id", id), NULL);
}

void dragoman_serve(struct dragoman *backend, long ms)
{
	turn(backend, json_array_size(backend->inbox) ? 0 : ms);
	for (size_t left = json_array_size(backend->inbox); left > 0; left--) {
		json_t *item = json_incref(json_array_get(backend->inbox, 0));

		json_array_remove(backend->inbox, 0);
		(json_is_true(json_array_get(item, 0)) ? answer : acknowledge)(
		    backend, json_array_get(item, 1), json_array_get(item, 2));
		json_decref(item);
	}
}

void dragoman_run(struct dragoman *backend)
{
	long long until;

	signal(SIGTERM, end);
	signal(SIGINT, end);
	while (!backend->leaving)
		dragoman_serve(backend, TURN_MS);
	put(backend, "BYE", json_object(), NULL);
	until = now_ms() + GRACE_MS;
	while (now_ms() < until || json_array_size(backend->inbox))
		dragoman_serve(backend, 100);
}

/* ---- requests ---- */

/* New, meta of the ACK; else NULL, and the code. */
static json_t *await(struct dragoman *backend, unsigned joins)
{
	json_t *meta;

	while (!backend->reply && joins == backend->joins && (backend->joined || !backend->leaving))
		turn(backend, TURN_MS);
	meta = backend->reply;
	backend->reply = NULL;
	if (meta && !json_object_get(meta, "code"))
		return meta;
	snprintf(backend->code, sizeof(backend->code), "%s",
		 meta ? dragoman_text(meta, "code", NULL) : "lost");
	json_decref(meta);
	return NULL;
}

json_t *dragoman_request(struct dragoman *backend, const char *command, json_t *meta,
			 json_t *envelope)
{
	json_t *done = NULL;

	snprintf(backend->id, sizeof(backend->id), "request %u", ++backend->requests);
	json_object_set_new(meta, "id", json_string(backend->id));
	do { /* what was not done is asked again, when it has joined */
		unsigned joins = backend->joins;

		strcpy(backend->code, "not_ready");
		if (backend->joined &&
		    put(backend, command, json_incref(meta), json_incref(envelope)))
			done = await(backend, joins);
		else
			turn(backend, TURN_MS);
	} while (!done && strcmp(backend->code, "not_ready") == 0 &&
		 (backend->joined || !backend->leaving));
	*backend->id = '\0';
	json_decref(meta);
	json_decref(envelope);
	return done;
}

const char *dragoman_error(const struct dragoman *backend)
{
	return backend->code;
}

static json_int_t ask_for(struct dragoman *backend, const char *command, json_t *meta,
			  json_t *envelope)
{
	json_t *done = dragoman_request(backend, command, meta, envelope);
	json_int_t id = done ? json_integer_value(json_object_get(done, "event")) : -1;

	json_decref(done);
	return id;
}

json_int_t dragoman_say(struct dragoman *backend, const char *room, const char *text)
{
	return ask_for(backend, "PUBLISH", json_pack("{s:s}", "room", room),
		       json_pack("{s:s, s:s}", "kind", "message", "text", text));
}

json_int_t dragoman_edit(struct dragoman *backend, const char *room, json_int_t id,
			 const char *text)
{
	return ask_for(backend, "PUBLISH", json_pack("{s:s}", "room", room),
		       json_pack("{s:s, s:I, s:s}", "kind", "edit", "target", id, "text", text));
}

json_int_t dragoman_kick(struct dragoman *backend, const char *room, const char *who,
			 const char *why)
{
	return ask_for(backend, "CONTROL",
		       json_pack("{s:s, s:s, s:s, s:s*}", "do", "kick", "room", room, "person", who,
				 "text", why),
		       NULL);
}

/* ---- made and freed ---- */

/* A key, or the file that has it. False: it is none. */
static bool set_key(struct dragoman *backend, int option, const char *key, const char *variable)
{
	char line[42] = "";
	FILE *file;

	if (!key && !(key = getenv(variable)))
		return true;
	file = fopen(key, "r");
	snprintf(line, sizeof(line), "%s", file ? "" : key);
	if (file && fgets(line, sizeof(line), file))
		line[strcspn(line, "\r\n")] = '\0';
	if (file)
		fclose(file);
	return strlen(line) == 40 && zmq_setsockopt(backend->socket, option, line, 41) == 0;
}

static bool open_socket(struct dragoman *backend, const char *endpoint)
{
	const struct dragoman_options *options = &backend->options;
	int immediate = 1, beat_ms = 5000, linger_ms = 1000, size = sizeof(int);
	void *socket = backend->socket = zmq_socket(backend->context, ZMQ_DEALER);

	/* Nothing piles up while nobody is there; the connection's own heartbeats end a dead one.
	 */
	zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, (size_t)size);
	zmq_setsockopt(socket, ZMQ_HEARTBEAT_IVL, &beat_ms, (size_t)size);
	zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, (size_t)size);
	errno = EINVAL;
	return set_key(backend, ZMQ_CURVE_SERVERKEY, options->server_key, "DRAGOMAN_SERVER_KEY") &&
	       set_key(backend, ZMQ_CURVE_PUBLICKEY, options->public_key, "DRAGOMAN_PUBLIC_KEY") &&
	       set_key(backend, ZMQ_CURVE_SECRETKEY, options->secret_key, "DRAGOMAN_SECRET_KEY") &&
	       (options->bind ? zmq_bind : zmq_connect)(socket, endpoint) == 0;
}

struct dragoman *dragoman_new(const struct dragoman_options *options)
{
	const char *endpoint = options->endpoint ? options->endpoint : getenv("DRAGOMAN_ENDPOINT");
	struct dragoman *backend = calloc(1, sizeof(*backend));

	if (!backend)
		return NULL;
	backend->options = *options;
	backend->beat_ms = 1000;
	backend->inbox = json_array();
	backend->context = zmq_ctx_new();
	if (endpoint && open_socket(backend, endpoint))
		return backend;
	fprintf(stderr, "%s: %s: %s\n", options->name, endpoint ? endpoint : "no endpoint",
		zmq_strerror(errno));
	dragoman_free(backend);
	return NULL;
}

void dragoman_free(struct dragoman *backend)
{
	zmq_close(backend->socket);
	zmq_ctx_term(backend->context);
	json_decref(backend->inbox);
	json_decref(backend->reply);
	free(backend);
}
