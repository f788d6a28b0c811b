#include "tests/support/stage.h"
#include "bridge/audit.h"
#include "bridge/client/life.h"
#include "bridge/known.h"
#include "bridge/net/ws/ws_compressor.h"
#include "bridge/reload/reload.h"
#include "bridge/turn.h"
#include "bridge/upstream/upstream.h"
#include "tests/support/hearing.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/core/directory.h"
#include "bridge/durable/lasting.h"
#include "bridge/order/order.h"
#include "bridge/setup.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "routes/deliver/outcome.h"
#include "tests/support/books.h"
#include "tests/support/lines.h"

#define ROUNDS_MAX 100000
#define STEP_MS    250

static void fault(struct stage *stage, const char *who, const char *what)
{
	if (!stage->fault[0])
		snprintf(stage->fault, sizeof(stage->fault), "%s: %s", who, what);
}

static void client_hears(struct stage_client *client, const unsigned char *bytes, size_t len)
{
	const char *wrong = hearing_frame(client, bytes, len);

	if (wrong)
		fault(client->stage, client->name, wrong);
}

/* ---- the connection, as the session sees it ---- */

static bool conn_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	struct stage_client *client = conn;

	if (client->partial || client->ended || !client->accepted) {
		fault(client->stage, client->name, "was written to out of turn");
		return true;
	}
	*complete = !client->stalled;
	if (*complete) {
		client_hears(client, bytes, len);
		return true;
	}
	client->partial = memory_new(len);
	memcpy(client->partial, bytes, len);
	client->partial_len = len;
	return true;
}

static void conn_accept(void *conn, bool more)
{
	struct stage_client *client = conn;

	(void)more;
	if (client->accepted || client->ended)
		fault(client->stage, client->name, "was answered twice");
	client->accepted = true;
}

static void conn_refuse(void *conn, enum reason reason, const struct codec_response *response)
{
	struct stage_client *client = conn;

	(void)reason;
	if (client->accepted || client->ended)
		fault(client->stage, client->name, "was answered twice");
	client->refusal = response_write(client->response, response, (struct slice){ 0 });
	client->ended = true;
}

static void conn_close(void *conn, enum close_reason why)
{
	struct stage_client *client = conn;

	if (client->partial)
		fault(client->stage, client->name, "was closed within a partial write");
	if (client->ended)
		fault(client->stage, client->name, "was closed twice");
	client->close_code = close_code(why);
	client->ended = true;
}

static void conn_kill(void *conn)
{
	struct stage_client *client = conn;

	client->killed = true;
	client->ended = true;
}

static void conn_pause(void *conn, bool paused)
{
	struct stage_client *client = conn;

	client->paused = paused;
}

static uint64_t conn_silent_ms(void *conn)
{
	const struct stage_client *client = conn;

	return client->stage->tick_ms - client->heard_tick;
}

static char *conn_address(void *conn, char out[ADDRESS_TEXT_MAX])
{
	const struct stage_client *client = conn;

	if (!client->session)
		fault(client->stage, client->name, "was asked for its address when it was gone");
	return strcpy(out, client->address);
}

static struct transport transport_of(enum framing framing, bool compressed)
{
	return (struct transport){ .accept = conn_accept,
				   .refuse = conn_refuse,
				   .write = conn_write,
				   .close = conn_close,
				   .kill = conn_kill,
				   .pause = conn_pause,
				   .silent_ms = conn_silent_ms,
				   .address = conn_address,
				   .framing = framing,
				   .compressed = compressed,
				   .ping = framing == FRAMING_WEBSOCKET ? websocket_ping
									: slice_of(NULL) };
}

/* ---- turns ---- */

static void set_time(struct stage *stage)
{
	for (unsigned i = 0; i < stage->bridge->worker_count; i++) {
		stage->bridge->workers[i]->now_ms = stage->now_ms;
		stage->bridge->workers[i]->tick_ms = stage->tick_ms;
	}
}

static void note_number(struct stage_client *client)
{
	if (client->session && client->session->peer.self.number)
		client->number = client->session->peer.self.number;
}

static void client_gone(struct stage_client *client)
{
	struct session *session = client->session;

	if (!session)
		return;
	note_number(client);
	client->session = NULL;
	life_gone(session);
	free(client->partial);
	client->partial = NULL;
}

/* Hands over what was said, as long as the session reads. */
static bool client_speaks(struct stage_client *client)
{
	bool any = false;

	while (client->said && client->session && client->accepted && !client->paused) {
		struct stage_said *said = client->said;

		client->said = said->next;
		if (!client->said)
			client->said_end = &client->said;
		/* What the peer sent before it saw the close arrives, and must not matter. */
		client->heard_tick = client->stage->tick_ms;
		life_receive(client->session, slice_span(said->bytes, said->len), said->binary);
		free(said);
		any = true;
	}
	return any;
}

static bool clients_act(struct stage *stage)
{
	bool any = false;

	for (struct stage_client *c = stage->clients; c; c = c->next) {
		any |= client_speaks(c);
		note_number(c);
		if (c->ended && c->session) {
			client_gone(c);
			any = true;
		}
	}
	return any;
}

static bool worker_busy(const struct worker *worker)
{
	return worker->box.first || worker->dirty || worker->dead || worker->more_waiting;
}

static void turn_audited(struct stage *stage, struct worker *worker)
{
	const char *wrong;

	turn_run(worker);
	wrong = audit_worker(worker);
	if (wrong)
		fault(stage, "counters", wrong);
}

/* As the server does: when all have drained, all stop; what reloads wait for goes there. Returns
 * whether workers were perhaps told something. */
static bool main_reads(struct stage *stage)
{
	struct post *post = mailbox_take(&stage->bridge->main_box);
	unsigned before = stage->drained;
	bool told = false;

	while (post) {
		struct post *next = post->next;

		stage->drained += post->kind == POST_DRAINED;
		told |= reload_post(stage->bridge, post);
		if (post->kind == POST_INQUIRED && stage->inquired) {
			stage->inquired(stage->context, (struct post_inquiry *)post);
			told = true;
		}
		if (post->kind == POST_KEPT) {
			lasting_heard(post);
			told = true;
		}
		post_free(post);
		post = next;
	}
	if (stage->drained == before || stage->drained < stage->bridge->worker_count)
		return told;
	for (unsigned i = 0; i < stage->bridge->worker_count; i++)
		mailbox_post(&stage->bridge->workers[i]->box, post_new(POST_STOP));
	return true;
}

void stage_settle(struct stage *stage)
{
	bool busy = true;

	set_time(stage);
	if (stage->held) {
		clients_act(stage);
		/* Only of our own clients' workers: others may be on other threads. */
		for (struct stage_client *c = stage->clients; c; c = c->next)
			worker_send_mail(c->worker);
		return;
	}
	for (unsigned round = 0; busy; round++) {
		if (round == ROUNDS_MAX) {
			fault(stage, "stage", "the workers never come to rest");
			return;
		}
		busy = clients_act(stage) | stage_lines_busy(stage);
		for (unsigned i = 0; i < stage->bridge->worker_count; i++)
			turn_audited(stage, stage->bridge->workers[i]);
		for (unsigned i = 0; i < stage->bridge->worker_count; i++)
			busy |= worker_busy(stage->bridge->workers[i]);
		busy |= clients_act(stage);
		busy |= main_reads(stage);
	}
}

void stage_wait(struct stage *stage, uint64_t ms)
{
	while (ms > 0) {
		uint64_t step = ms < STEP_MS ? ms : STEP_MS;

		stage->now_ms += step;
		stage->tick_ms += step;
		ms -= step;
		set_time(stage);
		stage_lines_beat(stage);
		for (unsigned i = 0; i < stage->bridge->worker_count; i++)
			turn_tick(stage->bridge->workers[i]);
		stage_settle(stage);
	}
}

/* ---- what clients do ---- */

const struct mount *stage_mount(const struct stage *stage, size_t dialect, const char *path)
{
	for (size_t l = 0; l < stage->bridge->listener_count; l++) {
		const struct listener_info *listener = &stage->bridge->listeners[l];

		for (size_t m = 0; m < listener->mount_count; m++) {
			const struct mount *mount = &listener->mounts[m];

			if (mount->dialect == dialect && (!path || strcmp(mount->path, path) == 0))
				return mount;
		}
	}
	return NULL;
}

static struct stage_client *client_new(struct stage *stage, const char *name)
{
	struct stage_client *client = memory_zeroed(1, sizeof(*client));

	client->stage = stage;
	snprintf(client->name, sizeof(client->name), "%s", name);
	client->inbox_end = &client->inbox;
	client->said_end = &client->said;
	client->heard_tick = stage->tick_ms;
	client->worker =
	    stage->bridge->workers[stage->client_count++ % stage->bridge->worker_count];
	*stage->clients_end = client;
	stage->clients_end = &client->next;
	return client;
}

struct stage_client *stage_connect(struct stage *stage, const char *name,
				   const struct stage_request *request, struct slice *response)
{
	struct stage_client *client = client_new(stage, name);
	struct codec_handshake handshake = { .path = slice_of(request->mount->path),
					     .query = slice_of(request->query),
					     .authorization = slice_of(request->authorization),
					     .dragoman = request->dragoman };
	uint64_t address = 0;

	if (request->address)
		address =
		    keyed_hash(&stage->bridge->key, request->address, strlen(request->address)) | 1;
	snprintf(client->address, sizeof(client->address), "%s",
		 request->address ? request->address : "127.0.0.1");
	set_time(stage);
	client->dialect = request->mount->dialect;
	client->transport = transport_of(request->framing, request->compressed);
	client->session =
	    life_begin(client->worker, request->mount, address, &client->transport, client);
	life_handshake(client->session, &handshake);
	stage_settle(stage);
	if (client->refusal.data)
		*response = client->refusal;
	return client;
}

struct stage_client *stage_find(const struct stage *stage, const char *name)
{
	for (struct stage_client *c = stage->clients; c; c = c->next)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

void stage_say(struct stage_client *client, struct slice bytes, bool binary)
{
	struct stage_said *said = memory_new(sizeof(*said) + bytes.len);

	said->next = NULL;
	said->binary = binary;
	said->len = bytes.len;
	if (bytes.len)
		memcpy(said->bytes, bytes.data, bytes.len);
	*client->said_end = said;
	client->said_end = &said->next;
	stage_settle(client->stage);
}

void stage_leave(struct stage_client *client)
{
	client_gone(client);
	stage_settle(client->stage);
}

void stage_resume(struct stage_client *client)
{
	unsigned char *bytes = client->partial;

	client->stalled = false;
	client->partial = NULL;
	if (bytes)
		client_hears(client, bytes, client->partial_len);
	free(bytes);
	if (bytes && client->session)
		session_writable(client->session);
	stage_settle(client->stage);
}

enum reason stage_bridge_says(struct stage *stage, struct room_entry *room,
			      const struct envelope *draft)
{
	enum reason reason;

	set_time(stage);
	reason = order_say(stage->bridge->workers[room->owner], room, envelope_seal(draft));
	stage_settle(stage);
	return reason;
}

struct stage_frame *stage_next(const struct stage_client *client)
{
	return client->inbox;
}

void stage_drop(struct stage_client *client)
{
	inbox_drop(&client->inbox, &client->inbox_end);
}

void stage_drop_all(struct stage_client *client)
{
	while (client->inbox)
		stage_drop(client);
}

/* ---- the books ---- */

struct counters *stage_counters(const struct stage *stage)
{
	struct counters *sum = counters_new();

	for (unsigned i = 0; i < stage->bridge->worker_count; i++)
		worker_count(stage->bridge->workers[i], sum);
	return sum;
}

/* Every ask and every event of a backend has ended, too. */
static void check_backends(struct stage *stage, const struct counters *sum)
{
	for (size_t i = 0; i < stage->bridge->backend_count; i++) {
		const struct backend_ledger *ledger = &sum->backends[i];
		uint64_t asks = ledger->asked - ledger->allowed - ledger->changed - ledger->refused;
		uint64_t events = ledger->events - ledger->acknowledged;

		for (size_t o = 0; o < POOL_OUTCOMES; o++) {
			asks -= ledger->asks_failed[o];
			events -= ledger->events_failed[o];
		}
		if (asks != 0 || events != 0)
			fault(stage, "counters", "what a backend was sent has not ended");
	}
}

/* What still waits for backends ends as it would when the server does. */
static void close_backends(struct stage *stage)
{
	for (size_t i = 0; i < stage->bridge->backend_count; i++)
		backend_close(stage->bridge->backends[i]);
	stage_settle(stage);
}

void stage_balance(struct stage *stage)
{
	struct counters *sum;

	stage->held = false;
	for (struct stage_client *c = stage->clients; c; c = c->next)
		client_gone(c);
	stage_settle(stage);
	close_backends(stage);
	/* Now nobody means them any more. */
	reload_sweep(stage->bridge);
	stage_settle(stage);
	if (reload_sweeps(stage->bridge))
		fault(stage, "rooms", "a removed one outlives all who were there");
	sum = stage_counters(stage);
	if (sum->intake.waiting != 0)
		fault(stage, "counters", "drafts still wait");
	for (size_t i = 0; i < sum->room_count; i++)
		if (tallies_in_flight(sum->rooms[i].dialects) != 0)
			fault(stage, "counters", "something is still in flight");
	if (tallies_in_flight(sum->removed.dialects) != 0)
		fault(stage, "counters", "something is still in flight from a removed room");
	check_backends(stage, sum);
	if (sum->connections_open != 0)
		fault(stage, "counters", "connections are open though all are gone");
	for (unsigned i = 0; i < stage->bridge->worker_count; i++)
		if (stage->bridge->workers[i]->session_count != 0)
			fault(stage, "workers", "a session outlives its connection");
	counters_free(sum);
}

bool stage_reload(struct stage *stage, const char *path, FILE *errors)
{
	bool taken = reload(stage->bridge, path, errors);

	stage_settle(stage);
	return taken;
}

/* ---- up and down ---- */

/* As the loop does. */
static void compressors_new(struct bridge *bridge)
{
	for (unsigned i = 0; i < bridge->worker_count; i++)
		bridge->workers[i]->compressor = ws_compressor_new(bridge->limits.compress_above);
}

static void compressors_free(struct bridge *bridge)
{
	for (unsigned i = 0; i < bridge->worker_count; i++)
		ws_compressor_free(bridge->workers[i]->compressor);
}

struct stage *stage_new(const char *config, unsigned workers, uint64_t now_ms)
{
	struct stage *stage = memory_zeroed(1, sizeof(*stage));
	struct conf_printer printer;

	stage->clients_end = &stage->clients;
	stage->now_ms = now_ms;
	stage->tick_ms = 1000000;
	conf_printer_init(&printer, stderr);
	stage->conf = conf_parse(config, known_names(), &printer.report);
	if (stage->conf) {
		stage->conf->workers = (int)workers;
		stage->bridge = setup_bridge(stage->conf, STAGE_OWNER_SECRET, stderr);
	}
	if (!stage->bridge) {
		stage_free(stage);
		return NULL;
	}
	stage_lines_new(stage);
	compressors_new(stage->bridge);
	set_time(stage);
	return stage;
}

static void client_free(struct stage_client *client)
{
	stage_drop_all(client);
	while (client->said) {
		struct stage_said *said = client->said;

		client->said = said->next;
		free(said);
	}
	free(client->partial);
	free(client);
}

void stage_free(struct stage *stage)
{
	if (!stage)
		return;
	if (stage->bridge)
		compressors_free(stage->bridge);
	/* Links end before their workers, as when a server stops. */
	for (unsigned w = 0; stage->bridge && w < stage->bridge->worker_count; w++)
		if (stage->bridge->workers[w])
			upstreams_stop(stage->bridge->workers[w]);
	setup_free(stage->bridge);
	stage_lines_free(stage->lines);
	conf_free(stage->conf);
	while (stage->clients) {
		struct stage_client *client = stage->clients;

		stage->clients = client->next;
		client_free(client);
	}
	free(stage);
}
