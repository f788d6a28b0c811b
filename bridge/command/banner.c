#include "bridge/command/banner.h"

#include <string.h>

#include "bridge/backend/backend.h"
#include "codecs/text/json_write.h"
#include "conf/conf.h"

#define URL_BYTES 512

/* How somebody without an account comes in, by dialect. */
static const char *const user_parts[DIALECTS] = { [DIALECT_SIMPLE] = "dee:x@" };
static const char *const query_parts[DIALECTS] = {
	[DIALECT_MIXER] = "?name=ann", [DIALECT_CONCORD] = "?token=bob", [DIALECT_ROOMS] = "?key=cy"
};

static void print_url(char url[URL_BYTES], const struct listener_info *listener,
		      const struct mount *mount, const char *user, const char *query)
{
	const char *address = listener->conf->address;
	bool six = strchr(address, ':') != NULL;

	if (strcmp(address, "0.0.0.0") == 0)
		address = "127.0.0.1";
	else if (strcmp(address, "::") == 0)
		address = "::1";
	snprintf(url, URL_BYTES, "%s://%s%s%s%s:%d%s%s", listener->tls ? "wss" : "ws",
		 user ? user : "", six ? "[" : "", address, six ? "]" : "", listener->port,
		 mount->path, query ? query : "");
}

static void print_try(char line[URL_BYTES + 64], const struct listener_info *listener,
		      const struct mount *mount)
{
	char url[URL_BYTES];

	print_url(url, listener, mount, user_parts[mount->dialect], query_parts[mount->dialect]);
	snprintf(line, URL_BYTES + 64, "/usr/bin/python3 -m websockets '%s'", url);
}

static void print_rooms(const struct bridge *bridge, FILE *stream)
{
	for (size_t i = 0; i < bridge->room_count; i++) {
		const struct codec_view *views = bridge->rooms[i].views;

		fprintf(stream, "room %s: mixer channel %.*s, concord channelId %.*s, rooms %.*s\n",
			views[0].room.data, (int)views[DIALECT_MIXER].room_id.len,
			views[DIALECT_MIXER].room_id.data, (int)views[DIALECT_CONCORD].room_id.len,
			views[DIALECT_CONCORD].room_id.data, (int)views[DIALECT_ROOMS].room_id.len,
			views[DIALECT_ROOMS].room_id.data);
	}
}

/* A first frame to type, where the dialect wants one. */
static void print_hint(const struct bridge *bridge, const struct mount *mount, FILE *stream)
{
	const struct codec_view *view = &mount->room->views[mount->dialect];

	(void)bridge;
	if (mount->dialect == DIALECT_MIXER)
		fprintf(stream,
			"           then type {\"type\":\"method\",\"method\":\"auth\","
			"\"arguments\":[%.*s,7,\"a-key-of-yours\"],\"id\":1}\n",
			(int)view->room_id.len, view->room_id.data);
	else if (mount->dialect == DIALECT_CONCORD)
		fprintf(stream,
			"           then type {\"type\":\"chat_written\",\"channelId\":%.*s,"
			"\"content\":\"hello\"}\n",
			(int)view->room_id.len, view->room_id.data);
	else if (mount->dialect == DIALECT_ROOMS)
		fprintf(stream,
			"           then type "
			"{\"type\":\"message\",\"key\":\"cy\",\"room_id\":\"%.*s\","
			"\"content\":\"hello\"}\n",
			(int)view->room_id.len, view->room_id.data);
	else
		fprintf(stream, "           then type {\"type\":\"send_message\",\"payload_id\":1,"
				"\"message\":\"hello\"}\n");
}

void banner_print(const struct bridge *bridge, const char *owner_secret, FILE *stream)
{
	char line[URL_BYTES + 64];

	for (size_t i = 0; i < bridge->listener_count; i++) {
		const struct listener_info *listener = &bridge->listeners[i];

		fprintf(stream, "listening on %s port %d\n", listener->conf->address,
			listener->port);
		for (size_t m = 0; m < listener->mount_count; m++) {
			print_try(line, listener, &listener->mounts[m]);
			fprintf(stream, "  %-8s %s\n", listener->mounts[m].codec->name, line);
			print_hint(bridge, &listener->mounts[m], stream);
		}
	}
	print_rooms(bridge, stream);
	for (size_t i = 0; i < bridge->backend_count; i++)
		if (backend_endpoint(bridge->backends[i]))
			fprintf(stream, "backend %s: %s\n", bridge->conf->backends[i].name,
				backend_endpoint(bridge->backends[i]));
	for (size_t i = 0; i < bridge->tap_count; i++)
		if (tap_endpoint(bridge->taps[i]))
			fprintf(stream, "tap %s: %s\n", bridge->conf->taps[i].name,
				tap_endpoint(bridge->taps[i]));
	if (owner_secret)
		fprintf(stream,
			"owner secret: %s (as authkey, password, or after ':' in token or key)\n"
			"message ids rely on the clock: no state is kept in the demo\n",
			owner_secret);
	fflush(stream);
}

static void write_mounts(struct json_writer *w, const struct bridge *bridge)
{
	char text[URL_BYTES + 64];

	json_key(w, "mounts");
	json_array_open(w);
	for (size_t i = 0; i < bridge->listener_count; i++) {
		const struct listener_info *listener = &bridge->listeners[i];

		for (size_t m = 0; m < listener->mount_count; m++) {
			const struct mount *mount = &listener->mounts[m];

			json_object_open(w);
			json_field_string(w, "dialect", slice_of(mount->codec->name));
			json_field_string(w, "path", slice_of(mount->path));
			print_url(text, listener, mount, NULL, NULL);
			json_field_string(w, "url", slice_of(text));
			json_field_bool(w, "tls", listener->tls);
			print_try(text, listener, mount);
			json_field_string(w, "try", slice_of(text));
			json_object_close(w);
		}
	}
	json_array_close(w);
}

static void write_endpoint(struct json_writer *w, const char *name, const char *endpoint)
{
	json_object_open(w);
	json_field_string(w, "name", slice_of(name));
	if (endpoint)
		json_field_string(w, "endpoint", slice_of(endpoint));
	json_object_close(w);
}

static void write_backends(struct json_writer *w, const struct bridge *bridge)
{
	json_key(w, "backends");
	json_array_open(w);
	for (size_t i = 0; i < bridge->backend_count; i++)
		write_endpoint(w, bridge->conf->backends[i].name,
			       backend_endpoint(bridge->backends[i]));
	json_array_close(w);
	json_key(w, "taps");
	json_array_open(w);
	for (size_t i = 0; i < bridge->tap_count; i++)
		write_endpoint(w, bridge->conf->taps[i].name, tap_endpoint(bridge->taps[i]));
	json_array_close(w);
}

static void write_rooms(struct json_writer *w, const struct bridge *bridge)
{
	json_key(w, "rooms");
	json_array_open(w);
	for (size_t i = 0; i < bridge->room_count; i++) {
		const struct codec_view *views = bridge->rooms[i].views;

		json_object_open(w);
		json_field_string(w, "name", views[0].room);
		json_field_unsigned(w, "mixer", views[DIALECT_MIXER].room_number);
		json_field_unsigned(w, "concord", views[DIALECT_CONCORD].room_number);
		json_field_string(w, "rooms", views[DIALECT_ROOMS].room_id);
		json_object_close(w);
	}
	json_array_close(w);
}

void banner_print_json(const struct bridge *bridge, const char *owner_secret, FILE *stream)
{
	const struct listener_info *first = &bridge->listeners[0];
	struct json_writer w;

	json_start(&w, 0, 1024);
	json_object_open(&w);
	json_field_string(&w, "address", slice_of(first->conf->address));
	json_field_integer(&w, "port", first->port);
	write_mounts(&w, bridge);
	write_rooms(&w, bridge);
	write_backends(&w, bridge);
	if (owner_secret)
		json_field_string(&w, "owner_secret", slice_of(owner_secret));
	json_object_close(&w);
	fwrite(w.data, 1, w.len, stream);
	fputc('\n', stream);
	fflush(stream);
	json_clear(&w);
}
