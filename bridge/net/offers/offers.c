#include "bridge/net/offers/offers.h"

#include <stdlib.h>

#include "bridge/core/board/board.h"
#include "bridge/core/worker.h"
#include "bridge/net/offers/lookup.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/upgrade.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* Why events of a kind are not shown there. */
static void write_cannot(struct json_writer *w, const struct codec_view *view)
{
	json_key(w, "cannot");
	json_object_open(w);
	for (int kind = 0; kind < ENVELOPE_KINDS; kind++) {
		const char *why = view->codec->can[kind].why;

		if (why)
			json_field_string(w, envelope_kind_name((enum envelope_kind)kind),
					  slice_of(why));
	}
	json_object_close(w);
}

static void write_mount(struct json_writer *w, const struct mount *mount)
{
	const struct codec_view *view = room_view(mount->room, mount->dialect);

	json_object_open(w);
	json_field_string(w, "dialect", slice_of(mount->codec->name));
	json_field_string(w, "path", slice_of(mount->path));
	json_field_string(w, "room", mount->room->rules.name);
	if (mount->codec->naming.form == NAMING_NUMBER)
		json_field_unsigned(w, "id", view->room_number);
	else if (mount->codec->naming.form != NAMING_NONE)
		json_field_string(w, "id", view->room_id);
	write_cannot(w, view);
	json_object_close(w);
}

/* Returns new. */
static char *setup_text(const struct listener_info *listener)
{
	struct json_writer w;
	char *text;

	json_start(&w, 0, 512);
	json_object_open(&w);
	json_key(&w, "mounts");
	json_array_open(&w);
	for (size_t m = 0; m < listener->mount_count; m++)
		write_mount(&w, &listener->mounts[m]);
	json_array_close(&w);
	json_object_close(&w);
	text = memory_text(w.data, w.len);
	json_clear(&w);
	return text;
}

/* A page elsewhere may have led the browser here by a name of its own, or a proxy somebody from
 * elsewhere. */
static bool is_of_this_machine(const struct request_place *place,
			       const struct http_request *request)
{
	static const char *const proxied[] = { "forwarded", "x-forwarded-for", "x-real-ip", "via" };

	for (size_t i = 0; i < sizeof(proxied) / sizeof(proxied[0]); i++)
		if (http_header(request, proxied[i]).data)
			return false;
	return address_key(&place->worker->bridge->key, place->peer) == 0 &&
	       upgrade_host_allowed(place->listener, request->host);
}

static char *text_of(const struct request_place *place, const struct http_request *request)
{
	bool explains = slice_is(request->path, "/explain.json");
	char *text;

	if (slice_is(request->path, "/setup.json"))
		return setup_text(place->listener);
	if (!(explains || slice_is(request->path, "/operator.json")) ||
	    !is_of_this_machine(place, request))
		return NULL;
	if (explains)
		return lookup_text(place->worker->bridge, request->query, place->worker->tick_ms);
	text = board_read(place->worker->bridge->board, place->worker->tick_ms);
	return text ? text : memory_text("null", 4);
}

bool offer_make(const struct request_place *place, const struct http_request *request,
		struct offer *offer)
{
	bool demo = place->worker->bridge->demo;

	offer->text = NULL;
	if (!place->listener->conf->page)
		return false;
	if (pages_answer(demo ? PAGE_DEMO : PAGE_CLIENT, request, &offer->page))
		return true;
	if (demo && (request->method == METHOD_GET || request->method == METHOD_HEAD))
		offer->text = text_of(place, request);
	if (offer->text)
		pages_answer_json(slice_of(offer->text), &offer->page);
	return offer->text;
}

void offer_clear(struct offer *offer)
{
	free(offer->text);
}
