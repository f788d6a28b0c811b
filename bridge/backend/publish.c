#include <stdlib.h>
#include <string.h>

#include "bridge/backend/backend_own.h"
#include "bridge/core/directory.h"
#include "bridge/routing/enrich.h"
#include "codecs/text/memory.h"
#include "routes/rules/route_table.h"

/* Requests of one backend that may be under way; more are refused. */
#define PUBLICATIONS_MAX 1024

/* Whom to answer. One block; the errand that carries it frees it when nobody takes it. */
struct publication {
	size_t backend;
	struct slice identity, id; /* point behind the struct */
};

static struct publication *publication_new(struct backend *backend, struct slice identity,
					   struct slice id)
{
	struct publication *publication =
	    memory_zeroed(1, sizeof(*publication) + identity.len + id.len + 1);
	char *bytes = (char *)(publication + 1);

	publication->backend = backend->index;
	memcpy(bytes, identity.data, identity.len);
	publication->identity = slice_span(bytes, identity.len);
	if (id.data) {
		memcpy(bytes + identity.len, id.data, id.len);
		publication->id = slice_span(bytes + identity.len, id.len);
	}
	return publication;
}

static void refuse(struct backend *backend, struct slice identity, struct slice id,
		   enum reason reason)
{
	backend_ledger(backend)->requests_refused[reason]++;
	backend_error(backend, identity, id, slice_of(reason_code(reason)),
		      slice_of(reason_text(reason)));
}

static struct room_entry *room_of(struct backend *backend, struct slice name)
{
	for (size_t i = 0; i < backend->bridge->room_count; i++)
		if (slice_equal(backend->bridge->rooms[i].rules.name, name))
			return &backend->bridge->rooms[i];
	return NULL;
}

/* Under which name; false when it is none of its own. */
static bool speaker_of(struct backend *backend, struct slice name, struct person *speaker)
{
	for (size_t i = 0; i < backend->speaker_count; i++) {
		if (name.data && !slice_equal(name, backend->speakers[i].name))
			continue;
		*speaker = backend->speakers[i];
		return true;
	}
	if (name.data)
		return false;
	*speaker = directory_bridge(&backend->bridge->key);
	return true;
}

/* Everybody who speaks is heard by the rules first. */
static void begin(struct backend *backend, struct slice identity, struct slice id,
		  struct room_entry *room, struct envelope *event)
{
	struct worker *worker = backend_worker(backend);
	struct routing_start start = { .origin = ROUTE_FROM_BACKEND,
				       .backend = backend->index,
				       .ticket = TICKET_NONE,
				       .room = room,
				       .owner = room->owner };

	event->room = room->rules.name;
	event->time_ms = worker->now_ms;
	event->origin = (struct origin){ .dialect = SLICE("backend"),
					 .instance = slice_of(backend_name(backend)) };
	start.ref.worker = worker->index;
	start.publication = publication_new(backend, identity, id);
	backend->publications++;
	worker->counters->intake.accepted++;
	routing_begin(worker, &backend->lane, &start, enrich_about(backend->bridge, event));
}

static bool may_request(struct backend *backend, struct slice identity,
			const struct wire_message *message)
{
	backend_ledger(backend)->requests++;
	if (backend->publications < PUBLICATIONS_MAX)
		return true;
	backend_tell(backend, CAUSE_FULL, "it asks for too much at once", "");
	refuse(backend, identity, message->id, REASON_BUSY);
	return false;
}

void backend_publish(struct backend *backend, struct slice identity,
		     const struct wire_message *message)
{
	struct room_entry *room = room_of(backend, message->room);
	struct envelope event = message->event;

	if (!may_request(backend, identity, message))
		return;
	if (!room) {
		refuse(backend, identity, message->id, REASON_UNKNOWN_ROOM);
		return;
	}
	if (!speaker_of(backend, message->speaker, &event.author)) {
		refuse(backend, identity, message->id, REASON_NO_RIGHT);
		return;
	}
	if (event.kind == KIND_NOTICE)
		event.author = (struct person){ .number = 0 };
	if (message->person.number || message->person.name.data) {
		event.subject = message->person;
		event.flags |= FLAG_PRIVATE;
	}
	begin(backend, identity, message->id, room, &event);
}

/* ---- CONTROL ---- */

static void list_members(struct backend *backend, struct slice identity, struct slice id,
			 struct room_entry *room)
{
	struct worker *worker = backend_worker(backend);
	struct post *post = post_new(POST_MEMBERS);

	post->room = room;
	post->errand = errand_new();
	post->errand->place = backend->index;
	post->errand->worker = worker->index;
	post->errand->publication = publication_new(backend, identity, id);
	backend->publications++;
	worker_post(worker, room->owner, post);
}

static void subscribe(struct backend *backend, struct slice identity, struct slice id,
		      bool presence)
{
	if (presence)
		atomic_store_explicit(&backend->bridge->wants_presence[backend->index], true,
				      memory_order_relaxed);
	if (!pool_subscribe(backend->pool, identity, presence))
		return;
	wire_put_ack(writer_clear(&backend->meta), id, 0);
	backend_send(backend, identity, WIRE_ACK, false);
}

static void act(struct backend *backend, struct slice identity, const struct wire_message *message,
		struct room_entry *room)
{
	struct envelope event = { .subject = message->person,
				  .text = message->text,
				  .duration_ms = message->duration_ms };

	switch (message->deed) {
	case WIRE_KICK: event.kind = KIND_KICK; break;
	case WIRE_TIMEOUT: event.kind = KIND_TIMEOUT; break;
	case WIRE_INVITE: event.kind = KIND_INVITE; break;
	default: event.kind = KIND_USER_UPDATE; break;
	}
	if (message->permanent)
		event.flags |= FLAG_PERMANENT;
	if (event.kind == KIND_USER_UPDATE)
		event.subject.roles = message->roles | ROLE_USER;
	if (!speaker_of(backend, message->speaker, &event.author)) {
		refuse(backend, identity, message->id, REASON_NO_RIGHT);
		return;
	}
	begin(backend, identity, message->id, room, &event);
}

void backend_control(struct backend *backend, struct slice identity,
		     const struct wire_message *message)
{
	struct room_entry *room = room_of(backend, message->room);

	if (!may_request(backend, identity, message))
		return;
	if (message->deed == WIRE_SUBSCRIBE || message->deed == WIRE_UNSUBSCRIBE)
		subscribe(backend, identity, message->id, message->deed == WIRE_SUBSCRIBE);
	else if (!room)
		refuse(backend, identity, message->id, REASON_UNKNOWN_ROOM);
	else if (message->deed == WIRE_MEMBERS)
		list_members(backend, identity, message->id, room);
	else
		act(backend, identity, message, room);
}

/* ---- what became of it ---- */

static struct publication *publication_take(struct worker *worker, struct post *post,
					    struct backend **backend)
{
	struct publication *publication = post->errand->publication;

	if (!publication)
		return NULL;
	post->errand->publication = NULL;
	*backend = worker->bridge->backends[publication->backend];
	(*backend)->publications--;
	return publication;
}

void backend_published(struct worker *worker, struct post *post)
{
	struct backend *backend;
	struct publication *publication = publication_take(worker, post, &backend);
	struct slice text = errand_text(post->errand);

	if (!publication)
		return;
	if (post->reason == REASON_NONE) {
		wire_put_ack(writer_clear(&backend->meta), publication->id,
			     post->event ? post->event->id : 0);
		backend_send(backend, publication->identity, WIRE_ACK, false);
	} else {
		backend_ledger(backend)->requests_refused[post->reason]++;
		backend_error(backend, publication->identity, publication->id,
			      slice_of(reason_code(post->reason)),
			      text.data ? text : slice_of(reason_text(post->reason)));
	}
	free(publication);
}

void backend_members(struct worker *worker, struct post *post)
{
	struct backend *backend;
	struct publication *publication = publication_take(worker, post, &backend);

	if (!publication)
		return;
	wire_put_members(writer_clear(&backend->meta), publication->id, post->room->rules.name,
			 post->errand->members, post->errand->member_count);
	backend_send(backend, publication->identity, WIRE_ACK, false);
	free(publication);
}
