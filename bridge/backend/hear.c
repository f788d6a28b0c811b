#include "bridge/backend/hear.h"

#include <stdio.h>

#include "bridge/backend/publish.h"
#include "bridge/backend/tell.h"
#include "bridge/core/log/log.h"
#include "bridge/core/login.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

/* ---- what it says of itself ---- */

/* Both sides hear which name is which. */
static void tell_wrong_name(struct backend *backend, struct slice identity,
			    const struct wire_message *message)
{
	char name[160], said[256];

	backend_ledger(backend)->wrong_name++;
	backend_tell(backend, CAUSE_WRONG_NAME, identity, "a READY with another name",
		     text_escape(message->name, name, sizeof(name)));
	snprintf(said, sizeof(said), "This is the socket of the backend \"%s\", not of \"%s\"",
		 backend_name(backend), name);
	backend_error(backend, identity, message->id, SLICE("wrong_name"), slice_of(said));
}

static void hear_ready(struct backend *backend, struct slice identity,
		       const struct wire_message *message)
{
	struct worker *worker = backend_worker(backend);
	struct wire_welcome welcome = { .server = SLICE("dragoman " DRAGOMAN_VERSION),
					.backend = slice_of(backend_name(backend)),
					.instance = slice_of(backend->bridge->instance),
					.heartbeat_ms = (uint64_t)backend->conf->heartbeat_ms };
	bool known = pool_heard(backend->pool, identity, worker->tick_ms);
	uint32_t granted = 0;
	char shown[INSTANCE_SHOWN];

	if (!slice_is(message->name, backend_name(backend))) {
		tell_wrong_name(backend, identity, message);
		return;
	}
	if (!known && pool_instances(backend->pool) >= INSTANCES_MAX) {
		backend_ledger(backend)->too_many++;
		backend_tell(backend, CAUSE_TOO_MANY, identity, "too many instances", "");
		backend_error(backend, identity, message->id, SLICE("too_many"),
			      SLICE("There are too many instances of this backend"));
		return;
	}
	/* From its welcome on it misses nothing. */
	if (message->presence)
		atomic_store_explicit(&backend->bridge->wants_presence[backend->index], true,
				      memory_order_relaxed);
	/* Welcomed first: what waits for it is sent before pool_ready() returns. */
	welcome.credits = message->credits;
	wire_put_welcome(writer_clear(&backend->meta), &welcome);
	backend_send(backend, identity, WIRE_READY, false);
	if (!pool_ready(backend->pool, identity, message->rooms, message->room_count,
			message->credits, message->presence, worker->tick_ms, &granted))
		return; /* an identity of no length: the library gives none */
	backend_present(backend);
	if (known)
		return;
	/* What is told once is told again when somebody has come in the meantime. */
	backend->told &= ~(UINT32_C(1) << CAUSE_UNAVAILABLE | UINT32_C(1) << CAUSE_EXPIRED |
			   UINT32_C(1) << CAUSE_FULL | UINT32_C(1) << CAUSE_UNHEARD);
	backend_ledger(backend)->joined++;
	if (backend_tells_news(backend))
		log_line(LOG_INFO, "backend %s: instance %s is ready, with %u credits",
			 backend_name(backend), instance_show(identity, shown), granted);
}

/* ---- what it says of what it was sent ---- */

static struct backend_item *find_item(struct backend *backend, struct slice identity,
				      const struct wire_message *message)
{
	struct pool_item *item = pool_find(backend->pool, identity, message->number);

	if (item)
		return backend_item_of(item);
	backend_ledger(backend)->late++;
	backend_tell(backend, CAUSE_LATE, identity, "an answer came too late, or has an unknown id",
		     "");
	return NULL;
}

static void settle(struct backend *backend, struct backend_item *item)
{
	pool_settle(backend->pool, &item->item, backend_worker(backend)->tick_ms);
}

static void refuse(struct backend_item *item, const struct wire_message *message)
{
	bool said = message->text.len > 0;

	item->answer.reason = item->post->login ? REASON_BAD_LOGIN : REASON_REFUSED;
	answer_put_text(&item->answer, said ? message->text : (struct slice){ NULL, 0 });
}

static void change(struct answer *answer, const struct wire_message *message)
{
	answer->changes_text = message->has_text;
	if (message->has_text)
		answer_put_text(answer, message->event.text);
	answer->changes_action = message->has_flags;
	answer->action = message->event.flags & FLAG_ACTION;
}

/* Who a login is. A reader needs no name. */
static void take_person(struct backend *backend, struct slice identity, struct backend_item *item,
			const struct wire_message *message)
{
	struct login_claim *login = item->post->login;

	login->has_as = message->has_as;
	if (!message->has_as) {
		if (login->anonymous)
			return;
		item->answer.reason = REASON_BAD_LOGIN;
		backend_tell(backend, CAUSE_BAD_LOGIN, identity,
			     "a login was allowed without \"as\"", "");
		return;
	}
	login->as_name_len = name_clean(message->as.name, login->as_name);
	login->as_number = message->as.number;
	login->as_roles = message->as.roles;
}

static void hear_answer(struct backend *backend, struct slice identity,
			const struct wire_message *message)
{
	struct backend_item *item = find_item(backend, identity, message);

	if (!item)
		return;
	if (item->post->post.kind == POST_EVENT) {
		backend_ledger(backend)->mixed_up++;
		backend_error(backend, identity, message->id, SLICE("not_asked"),
			      SLICE("An EVENT is acknowledged with ACK"));
		return;
	}
	if (message->verdict == WIRE_REFUSE)
		refuse(item, message);
	else if (item->post->login)
		take_person(backend, identity, item, message);
	else if (message->verdict == WIRE_CHANGE)
		change(&item->answer, message);
	settle(backend, item);
}

static void hear_ack(struct backend *backend, struct slice identity,
		     const struct wire_message *message)
{
	struct backend_item *item = find_item(backend, identity, message);

	if (!item)
		return;
	if (item->post->post.kind == POST_EVENT) {
		settle(backend, item);
		return;
	}
	backend_ledger(backend)->mixed_up++;
	backend_error(backend, identity, message->id, SLICE("asked"),
		      SLICE("An ASK is answered with ANSWER"));
}

static void hear_bye(struct backend *backend, struct slice identity)
{
	pool_bye(backend->pool, identity, backend_worker(backend)->tick_ms);
	backend_present(backend);
}

static void hear_error(struct backend *backend, struct slice identity,
		       const struct wire_message *message)
{
	char shown[160];

	backend_ledger(backend)->errors++;
	backend_tell(backend, CAUSE_ERROR, identity, "it reports an error",
		     text_escape(message->text, shown, sizeof(shown)));
}

/* ---- one message ---- */

static void hear_command(struct backend *backend, struct slice identity,
			 const struct wire_message *message)
{
	switch (message->command) {
	case WIRE_READY: hear_ready(backend, identity, message); break;
	case WIRE_ANSWER: hear_answer(backend, identity, message); break;
	case WIRE_ACK: hear_ack(backend, identity, message); break;
	case WIRE_PUBLISH: backend_publish(backend, identity, message); break;
	case WIRE_CONTROL: backend_control(backend, identity, message); break;
	case WIRE_BYE: hear_bye(backend, identity); break;
	case WIRE_ERROR: hear_error(backend, identity, message); break;
	default: break; /* a HEARTBEAT has been heard */
	}
}

static void hear_garbage(struct backend *backend, struct slice identity, enum wire_status status,
			 const struct wire_message *message, const char *why)
{
	const char *code = wire_status_code(status);

	backend_ledger(backend)->wrong[status]++;
	backend_tell(backend, (enum backend_cause)(CAUSE_GARBAGE + status), identity, code, why);
	/* An error is never answered with one. */
	if (message->command != WIRE_ERROR)
		backend_error(backend, identity, message->id, slice_of(code), slice_of(why));
}

/* Room for all frames of a message as they are unescaped; bounded by the socket. */
static char *scratch_of(struct backend *backend, const struct socket_message *message)
{
	size_t size = 1;

	for (size_t i = 0; i < message->count; i++)
		if (message->frames[i].len <= WIRE_BYTES_MAX) /* else it is refused */
			size += message->frames[i].len;
	if (size > backend->scratch_size) {
		backend->scratch = memory_resize(backend->scratch, size);
		backend->scratch_size = size;
	}
	return backend->scratch;
}

void backend_hear(struct backend *backend, const struct socket_message *socket_message)
{
	struct slice identity = socket_message->frames[0];
	struct worker *worker = backend_worker(backend);
	struct wire_message message;
	char why[WIRE_WHY_MAX] = "more frames than any message can have";
	enum wire_status status;
	bool known;

	if (socket_message->count == 0)
		return;
	status = socket_message->oversized
		     ? WIRE_BAD_FRAMES
		     : wire_read(socket_message->frames + 1, socket_message->count - 1,
				 scratch_of(backend, socket_message), &message, why);
	if (status != WIRE_OK && status != WIRE_BAD_JSON && status != WIRE_BAD_FIELD) {
		message.command = WIRE_COMMANDS;
		message.id = (struct slice){ NULL, 0 };
	}
	known = pool_heard(backend->pool, identity, worker->tick_ms);
	/* Whose READY is wrong must hear why: told "say READY" it would say the same again. */
	if (status != WIRE_OK) {
		hear_garbage(backend, identity, status, &message, why);
	} else if (message.command == WIRE_READY) {
		hear_ready(backend, identity, &message);
	} else if (!known) {
		backend_ledger(backend)->not_ready++;
		backend_tell(backend, CAUSE_NOT_READY, identity, "a message before READY", "");
		if (message.command != WIRE_ERROR)
			backend_error(backend, identity, message.id, SLICE("not_ready"),
				      SLICE("Send READY first"));
	} else {
		hear_command(backend, identity, &message);
	}
}
