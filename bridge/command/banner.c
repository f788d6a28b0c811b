#include "bridge/command/banner.h"

#include <inttypes.h>

#include "bridge/backend/backend.h"
#include "bridge/command/host.h"
#include "bridge/logins/proof.h"
#include "codecs/text/json_write.h"
#include "conf/conf.h"

#define URL_BYTES 1024

static void print_url(char url[URL_BYTES], const struct listener_info *listener,
		      const struct mount *mount, const char *user, const char *query)
{
	char host[HOST_BYTES];

	host_print(host, listener);
	snprintf(url, URL_BYTES, "%s://%s%s:%d%s%s", listener->tls ? "wss" : "ws", user ? user : "",
		 host, listener->port, mount->path, query ? query : "");
}

/* Can somebody without an account come in, without asking anybody? */
static bool admits_guests(const struct mount *mount)
{
	return proof_guests(mount);
}

static void print_try(char line[URL_BYTES + 64], const struct listener_info *listener,
		      const struct mount *mount)
{
	char url[URL_BYTES];

	print_url(url, listener, mount, mount->codec->trial.user, mount->codec->trial.query);
	snprintf(line, URL_BYTES + 64, "/usr/bin/python3 -m websockets '%s'", url);
}

/* "room lobby: mixer channel 1, rooms 10bb1e5a-..." */
static void print_room(const struct room_entry *room, FILE *stream)
{
	const char *between = ": ";

	fprintf(stream, "room %s", room->rules.name.data);
	for (size_t d = 0; d < registry_count(); d++) {
		const struct codec_naming *naming = &registry_codec(d)->naming;

		if (naming->form == NAMING_NONE)
			continue;
		fprintf(stream, "%s%s %s", between, naming->word, room_view(room, d)->room_id.data);
		between = ", ";
	}
	fputc('\n', stream);
}

/* A first frame to type, where the dialect has one. */
static void print_hint(const struct bridge *bridge, const struct mount *mount, FILE *stream)
{
	const char *frame = mount->codec->trial.frame;

	if (!frame)
		return;
	if (mount->codec->trial.logs_in)
		fprintf(stream, "           then type, within %" PRIu64 " s, ",
			bridge->limits.login_ms / 1000);
	else
		fputs("           then type ", stream);
	for (; *frame; frame++)
		if (*frame == '@')
			fputs(room_view(mount->room, mount->dialect)->room_id.data, stream);
		else
			fputc(*frame, stream);
	fputc('\n', stream);
}

static void print_mount(const struct bridge *bridge, const struct listener_info *listener,
			const struct mount *mount, FILE *stream)
{
	char line[URL_BYTES + 64];

	if (admits_guests(mount)) {
		print_try(line, listener, mount);
		fprintf(stream, "  %-8s %s\n", mount->codec->name, line);
		print_hint(bridge, mount, stream);
		return;
	}
	print_url(line, listener, mount, NULL, NULL);
	fprintf(stream, "  %-8s %s  %s%s\n", mount->codec->name, line,
		mount->asks_backend ? "logins are authenticated by backend " : "accounts only",
		mount->asks_backend ? bridge->conf->backends[mount->backend].name : "");
}

/* The path of its socket, or "http://127.0.0.1:9464". */
static void print_admin(char out[URL_BYTES], const struct listener_info *listener)
{
	char host[HOST_BYTES];

	if (listener->conf->path[0]) {
		snprintf(out, URL_BYTES, "%s", listener->conf->path);
		return;
	}
	host_print(host, listener);
	snprintf(out, URL_BYTES, "%s://%s:%d", listener->tls ? "https" : "http", host,
		 listener->port);
}

/* Where clients connect; an admin listener, if there is none. */
static const struct listener_info *first_listener(const struct bridge *bridge)
{
	for (size_t i = 0; i < bridge->listener_count; i++)
		if (!bridge->listeners[i].admin)
			return &bridge->listeners[i];
	return &bridge->listeners[0];
}

/* Behind the '#', which a browser sends to nobody, is what lets the page moderate. */
static bool print_page(char out[URL_BYTES], const struct bridge *bridge, const char *owner_secret)
{
	const struct listener_info *listener = first_listener(bridge);
	char host[HOST_BYTES];

	if (!bridge->demo || !listener->conf->page)
		return false;
	host_print(host, listener);
	snprintf(out, URL_BYTES, "http://%s:%d/%s%s", host, listener->port,
		 owner_secret ? "#owner=" : "", owner_secret ? owner_secret : "");
	return true;
}

void banner_print(const struct bridge *bridge, const char *owner_secret, FILE *stream)
{
	char line[URL_BYTES];

	if (print_page(line, bridge, owner_secret))
		fprintf(stream, "open %s in a browser\n", line);
	for (size_t i = 0; i < bridge->listener_count; i++) {
		const struct listener_info *listener = &bridge->listeners[i];

		if (listener->admin) {
			print_admin(line, listener);
			fprintf(stream,
				"watched at %s: / (in a browser), /metrics, /health, /ready\n",
				line);
			continue;
		}
		fprintf(stream, "listening on %s port %d\n", listener_address(listener),
			listener->port);
		for (size_t m = 0; m < listener->mount_count; m++)
			print_mount(bridge, listener, &listener->mounts[m], stream);
	}
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++)
		print_room(room_table_at(bridge->rooms, i), stream);
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
			json_field_bool(w, "guests", admits_guests(mount));
			if (admits_guests(mount)) {
				print_try(text, listener, mount);
				json_field_string(w, "try", slice_of(text));
			}
			json_object_close(w);
		}
	}
	json_array_close(w);
}

static void write_admin(struct json_writer *w, const struct bridge *bridge)
{
	char text[URL_BYTES];

	json_key(w, "admin");
	json_array_open(w);
	for (size_t i = 0; i < bridge->listener_count; i++) {
		const struct listener_info *listener = &bridge->listeners[i];

		if (!listener->admin)
			continue;
		print_admin(text, listener);
		json_object_open(w);
		json_field_string(w, listener->conf->path[0] ? "path" : "url", slice_of(text));
		json_object_close(w);
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

static void write_room(struct json_writer *w, const struct room_entry *room)
{
	json_object_open(w);
	json_field_string(w, "name", room->rules.name);
	for (size_t d = 0; d < registry_count(); d++) {
		const struct codec_naming *naming = &registry_codec(d)->naming;
		const struct codec_view *view = room_view(room, d);

		if (naming->form == NAMING_NUMBER)
			json_field_unsigned(w, naming->directive, view->room_number);
		else if (naming->form != NAMING_NONE)
			json_field_string(w, naming->directive, view->room_id);
	}
	json_object_close(w);
}

static void write_rooms(struct json_writer *w, const struct bridge *bridge)
{
	json_key(w, "rooms");
	json_array_open(w);
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++)
		write_room(w, room_table_at(bridge->rooms, i));
	json_array_close(w);
}

void banner_print_json(const struct bridge *bridge, const char *owner_secret, FILE *stream)
{
	const struct listener_info *first = first_listener(bridge);
	char page[URL_BYTES];
	struct json_writer w;

	json_start(&w, 0, 1024);
	json_object_open(&w);
	if (!first->conf->path[0]) {
		json_field_string(&w, "address", slice_of(listener_address(first)));
		json_field_integer(&w, "port", first->port);
	}
	if (print_page(page, bridge, owner_secret))
		json_field_string(&w, "page", slice_of(page));
	write_mounts(&w, bridge);
	write_admin(&w, bridge);
	write_rooms(&w, bridge);
	write_backends(&w, bridge);
	if (owner_secret)
		json_field_string(&w, "owner_secret", slice_of(owner_secret));
	json_object_close(&w);
	fwrite(w.data, 1, w.len, stream);
	fputc('\n', stream);
	json_clear(&w);
}

void banner_print_sum(const struct counters *sum, FILE *stream)
{
	struct ledger all = sum->removed;
	uint64_t delivered = 0;

	for (size_t i = 0; i < sum->room_count; i++)
		tallies_add(all.dialects, sum->rooms[i].dialects);
	for (size_t d = 0; d < registry_count(); d++)
		delivered += all.dialects[d].outcomes[OUTCOME_DELIVERED] +
			     all.dialects[d].outcomes[OUTCOME_DEGRADED];
	fprintf(stream,
		"ended after %" PRIu64 " connections, %" PRIu64 " events, delivered %" PRIu64
		" times\n",
		sum->connections_accepted, sum->intake.ordered, delivered);
}
