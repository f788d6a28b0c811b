#include "bridge/command/translate/stage.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/client/life.h"
#include "bridge/command/translate/setting.h"
#include "bridge/core/directory.h"
#include "bridge/core/post.h"
#include "bridge/order/order.h"
#include "bridge/turn.h"
#include "codecs/text/memory.h"

#define STEP_MS    250
#define ROUNDS_MAX 10000 /* far more than anything takes */

/* ---- what clients are sent ---- */

static void hear(struct stage_client *client, const char *text, size_t len)
{
	struct stage_frame *frame = memory_new(sizeof(*frame) + len);

	frame->next = NULL;
	frame->len = len;
	memcpy(frame->text, text, len);
	*client->frames_end = frame;
	client->frames_end = &frame->next;
}

void stage_drop(struct stage_client *client)
{
	struct stage_frame *frame = client->frames;

	client->frames = frame->next;
	if (!client->frames)
		client->frames_end = &client->frames;
	if (!client->stage->keeps) {
		free(frame);
		return;
	}
	frame->next = NULL;
	*client->kept_end = frame;
	client->kept_end = &frame->next;
}

static void kept_free(struct stage_client *client)
{
	while (client->kept) {
		struct stage_frame *next = client->kept->next;

		free(client->kept);
		client->kept = next;
	}
}

void stage_drop_all(struct stage *stage)
{
	for (struct stage_client *client = stage->clients; client; client = client->next)
		while (client->frames)
			stage_drop(client);
}

/* ---- the connection, as the session sees it ---- */

static void conn_accept(void *conn, bool more)
{
	(void)conn;
	(void)more;
}

static void conn_refuse(void *conn, enum reason reason, const struct codec_response *response)
{
	struct stage_client *client = conn;

	(void)reason;
	client->refusal = response_write(client->response, response, (struct slice){ 0 });
	client->ended = true;
}

/* Whole lines. */
static bool conn_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	const char *text = (const char *)bytes, *end;

	for (; (end = memmem(text, len, "\r\n", 2)); text = end + 2) {
		hear(conn, text, (size_t)(end - text));
		len -= (size_t)(end - text) + 2;
	}
	*complete = true;
	return true;
}

static void conn_close(void *conn, enum close_reason why)
{
	struct stage_client *client = conn;

	client->why = why;
	client->ended = true;
}

static void conn_kill(void *conn)
{
	((struct stage_client *)conn)->ended = true;
}

static void conn_pause(void *conn, bool paused)
{
	(void)conn;
	(void)paused;
}

static uint64_t conn_silent_ms(void *conn)
{
	(void)conn;
	return 0;
}

static char *conn_address(void *conn, char out[ADDRESS_TEXT_MAX])
{
	(void)conn;
	return strcpy(out, "127.0.0.1");
}

static const struct transport transport = { .accept = conn_accept,
					    .refuse = conn_refuse,
					    .write = conn_write,
					    .close = conn_close,
					    .kill = conn_kill,
					    .pause = conn_pause,
					    .silent_ms = conn_silent_ms,
					    .address = conn_address,
					    .framing = FRAMING_LINES };

/* ---- turns ---- */

static void set_time(struct stage *stage)
{
	stage->worker->now_ms = stage->now_ms;
	stage->worker->tick_ms = stage->tick_ms;
}

/* Whose connection was ended sees it. */
static bool clients_end(struct stage *stage)
{
	bool any = false;

	for (struct stage_client *client = stage->clients; client; client = client->next) {
		struct session *session = client->session;

		if (!client->ended || !session)
			continue;
		client->session = NULL;
		life_gone(session);
		any = true;
	}
	return any;
}

/* Nobody reads what the main thread is told. */
static bool forget_mail(struct stage *stage)
{
	struct post *post = mailbox_take(&stage->bridge->main_box), *next;
	bool any = post != NULL;

	for (; post; post = next) {
		next = post->next;
		post_free(post);
	}
	return any;
}

void stage_settle(struct stage *stage)
{
	const struct worker *worker = stage->worker;
	bool busy = true;

	set_time(stage);
	for (unsigned round = 0; busy && round < ROUNDS_MAX; round++) {
		turn_run(stage->worker);
		busy = clients_end(stage);
		busy |= forget_mail(stage);
		busy |= worker->box.first || worker->dirty || worker->dead || worker->more_waiting;
	}
}

void stage_pass(struct stage *stage, uint64_t ms)
{
	while (ms > 0) {
		uint64_t step = ms < STEP_MS ? ms : STEP_MS;

		stage->now_ms += step;
		stage->tick_ms += step;
		ms -= step;
		set_time(stage);
		turn_tick(stage->worker);
		stage_settle(stage);
	}
}

/* ---- what clients do ---- */

static struct stage_client *client_new(struct stage *stage, size_t dialect, const char *name)
{
	struct stage_client *client = memory_zeroed(1, sizeof(*client)), **last = &stage->clients;

	while (*last)
		last = &(*last)->next;
	*last = client;
	client->stage = stage;
	client->dialect = dialect;
	client->place = stage->count++;
	client->frames_end = &client->frames;
	client->kept_end = &client->kept;
	snprintf(client->name, sizeof(client->name), "%s", name);
	setting_mount(stage, dialect, &client->mount);
	return client;
}

struct stage_client *stage_join(struct stage *stage, size_t dialect, const char *name)
{
	struct stage_client *client = client_new(stage, dialect, name);
	struct setting_login login;

	setting_login(client, &login);
	set_time(stage);
	client->session = life_begin(stage->worker, &client->mount, 0, &transport, client);
	life_handshake(client->session, &login.handshake);
	stage_settle(stage);
	setting_login_clear(&login);
	return client;
}

bool stage_log_in(struct stage_client *client)
{
	struct setting_login login;

	if (client->session && !client->session->peer.logged_in) {
		setting_login(client, &login);
		stage_say(client, slice_of(login.frame));
		setting_login_clear(&login);
	}
	return client->session && client->session->peer.logged_in;
}

void stage_give_role(struct stage_client *client, uint32_t role)
{
	struct stage *stage = client->stage;
	struct envelope event = { .kind = KIND_USER_UPDATE,
				  .time_ms = stage->now_ms,
				  .room = stage->room->rules.name,
				  .author = directory_bridge(&stage->bridge->key),
				  .origin = { .dialect = SLICE("bridge") } };

	if (!client->session)
		return;
	event.subject = client->session->peer.self;
	event.subject.roles |= role;
	(void)order_say(stage->worker, stage->room, envelope_seal(&event));
	stage_settle(stage);
}

void stage_say(struct stage_client *client, struct slice text)
{
	set_time(client->stage);
	if (client->session)
		life_receive(client->session, text, false);
	stage_settle(client->stage);
}

void stage_leave(struct stage_client *client)
{
	client->ended = true;
	stage_settle(client->stage);
}

/* ---- up and down ---- */

struct stage *stage_open(const char *file, const char *room, size_t server, uint64_t time_ms,
			 FILE *errors)
{
	struct stage *stage = memory_zeroed(1, sizeof(*stage));

	stage->now_ms = time_ms;
	stage->tick_ms = 1000000;
	if (!setting_make(stage, file, room, server, errors)) {
		stage_close(stage);
		return NULL;
	}
	stage->worker = stage->bridge->workers[0];
	set_time(stage);
	return stage;
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	setting_free(stage);
	stage_drop_all(stage);
	while (stage->clients) {
		struct stage_client *next = stage->clients->next;

		kept_free(stage->clients);
		free(stage->clients);
		stage->clients = next;
	}
	free(stage);
}
