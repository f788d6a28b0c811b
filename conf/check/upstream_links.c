/* Rooms here and rooms there are joined by relays. What is said in one comes to those that relays
 * lead to from there, but by no relay back: whoever relays knows its own words. So a circle is a
 * way back by others, and there are none among the relays looked at so far. */
#include "conf/check/upstream_links.h"

#include <arpa/inet.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/check/checks.h"
#include "conf/check/resolve_admin.h"
#include "conf/check/upstream_find.h"
#include "conf/read/read.h"
#include "conf/table/owned.h"
#include "conf/table/shape.h"
#include "conf/table/upstream_url.h"

#define HOST_BYTES_MAX 256
#define WAY_BYTES_MAX  512
#define NOBODY         SIZE_MAX

/* ---- ourselves ---- */

static bool is_any(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static bool same_address(const char *a, const char *b)
{
	unsigned char left[16], right[16];

	return (inet_pton(AF_INET, a, left) == 1 && inet_pton(AF_INET, b, right) == 1 &&
		memcmp(left, right, 4) == 0) ||
	       (inet_pton(AF_INET6, a, left) == 1 && inet_pton(AF_INET6, b, right) == 1 &&
		memcmp(left, right, sizeof(left)) == 0);
}

/* Other addresses of the machine are not known here, nor what names stand for. */
static bool leads_to(const struct upstream_url *url, const struct conf_listener *listener)
{
	char host[HOST_BYTES_MAX];
	const char *address = listener->address;

	if (listener->socket[0] || listener->path[0] || listener->port == 0 ||
	    listener->port != url->at.port || url->at.len >= sizeof(host))
		return false;
	memcpy(host, url->at.host, url->at.len);
	host[url->at.len] = '\0';
	if (strcasecmp(host, "localhost") == 0)
		return is_any(address) || address_is_loopback(address);
	return same_address(host, address) || (is_any(address) && address_is_loopback(host));
}

static void check_ourselves(struct reader *reader, struct config_setting_t *group,
			    struct config_setting_t *listeners, const struct conf *conf,
			    const struct conf_upstream *upstream)
{
	struct upstream_url url;

	if (group_told(group, "url") || !upstream_url_read(upstream->url, &url))
		return;
	for (size_t i = 0; i < conf->listener_count; i++)
		if (!group_told(group_at(listeners, i), "port") &&
		    !group_told(group_at(listeners, i), "address") &&
		    leads_to(&url, &conf->listeners[i])) {
			reader_fault(reader, group, "url",
				     "url '%s' is where this server listens: an upstream must not "
				     "be this server itself",
				     upstream->url);
			return;
		}
}

/* ---- relays as ways between rooms ---- */

struct links {
	const struct conf *conf;
	bool *taken; /* by upstream: it is part of the ways looked at */
};

/* The same UUID, however it is written; other names may differ in that. */
static bool same_remote_room(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return true;
	return a[0] && !shape_fault(SHAPE_UUID, a) && strcasecmp(a, b) == 0;
}

static bool same_remote(const struct conf_upstream *a, const struct conf_upstream *b)
{
	struct upstream_url left, right;

	return same_remote_room(a->remote_room, b->remote_room) &&
	       upstream_url_read(a->url, &left) && upstream_url_read(b->url, &right) &&
	       left.at.port == right.at.port && authority_same_host(&left.at, &right.at) &&
	       left.path_len == right.path_len && memcmp(left.path, right.path, left.path_len) == 0;
}

static bool same_room(const struct conf_upstream *a, const struct conf_upstream *b)
{
	return strcmp(a->room, b->room) == 0;
}

/* NOBODY: no relay before it joins these two. */
static size_t joined_before(const struct links *links, size_t index)
{
	const struct conf_upstream *list = links->conf->upstreams;

	for (size_t i = 0; i < index; i++)
		if (links->taken[i] && same_room(&list[i], &list[index]) &&
		    same_remote(&list[i], &list[index]))
			return i;
	return NOBODY;
}

static bool goes(const struct conf_upstream *upstream, const char *way)
{
	return strcmp(upstream->direction, CONF_BOTH) == 0 || strcmp(upstream->direction, way) == 0;
}

/* A way of relays: each was come to by the one before it. */
struct way {
	size_t before[CONF_UPSTREAMS_MAX]; /* NOBODY: it is the first */
	bool inward[CONF_UPSTREAMS_MAX];   /* taken from there to here */
	bool seen[CONF_UPSTREAMS_MAX];
	size_t queue[CONF_UPSTREAMS_MAX], count;
};

static void way_add(struct way *way, size_t relay, bool inward, size_t before)
{
	if (way->seen[relay])
		return;
	way->seen[relay] = true;
	way->inward[relay] = inward;
	way->before[relay] = before;
	way->queue[way->count++] = relay;
}

/* The relays that lead on from an end of one: from the room here after an inward step, else from
 * the room there. */
static void way_spread(const struct links *links, struct way *way, size_t from, bool inward,
		       size_t before)
{
	const struct conf_upstream *list = links->conf->upstreams;

	for (size_t i = 0; i < links->conf->upstream_count; i++)
		if (links->taken[i] && goes(&list[i], inward ? CONF_OUT : CONF_IN) &&
		    (inward ? same_room(&list[i], &list[from])
			    : same_remote(&list[i], &list[from])))
			way_add(way, i, !inward, before);
}

/* By which of the relays taken what the new one brought inward (or out) comes back to where that
 * takes it from: the last of them. NOBODY: by none. */
static size_t way_back(const struct links *links, struct way *way, size_t index, bool inward)
{
	const struct conf_upstream *list = links->conf->upstreams;

	*way = (struct way){ .count = 0 };
	way_spread(links, way, index, inward, NOBODY);
	for (size_t at = 0; at < way->count; at++) {
		size_t relay = way->queue[at];

		if (way->inward[relay] ? !inward && same_room(&list[relay], &list[index])
				       : inward && same_remote(&list[relay], &list[index]))
			return relay;
		way_spread(links, way, relay, way->inward[relay], relay);
	}
	return NOBODY;
}

static void tell_circle(struct reader *reader, struct config_setting_t *group,
			const struct links *links, const struct way *way, size_t last)
{
	char names[WAY_BYTES_MAX] = "";

	for (size_t relay = last; relay != NOBODY; relay = way->before[relay]) {
		char *rest = owned_text(names);

		snprintf(names, sizeof(names), "'%s'%s%s", links->conf->upstreams[relay].name,
			 *rest ? ", " : "", rest);
		free(rest);
	}
	reader_fault(reader, group, NULL,
		     "a circle of relays: what this one takes over comes back by %s", names);
}

static void check_relay(struct reader *reader, struct config_setting_t *list,
			const struct links *links, size_t index)
{
	const struct conf_upstream *upstream = &links->conf->upstreams[index];
	struct config_setting_t *group = group_at(list, index);
	size_t before = joined_before(links, index), last = NOBODY;
	struct way way;

	if (before != NOBODY) {
		reader_fault(reader, group, "room",
			     "the upstream '%s' in line %u joins the same rooms already",
			     links->conf->upstreams[before].name,
			     config_setting_source_line(group_at(list, before)));
		return;
	}
	if (goes(upstream, CONF_IN))
		last = way_back(links, &way, index, true);
	if (last == NOBODY && goes(upstream, CONF_OUT))
		last = way_back(links, &way, index, false);
	links->taken[index] = last == NOBODY;
	if (last != NOBODY)
		tell_circle(reader, group, links, &way, last);
}

/* What says where it leads is known. */
static bool is_whole(struct config_setting_t *group)
{
	static const char *const members[] = { "mode", "url", "room", "remote_room", "direction" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (group_told(group, members[i]))
			return false;
	return group && config_setting_is_group(group) && group_gives(group, "url") &&
	       group_gives(group, "room");
}

void check_links(struct reader *reader, struct config_setting_t *root, const struct conf *conf)
{
	struct config_setting_t *list = read_groups(reader, root, "upstreams");
	struct config_setting_t *listeners = read_groups(reader, root, "listeners");
	struct links links = { conf, owned_zeroed(conf->upstream_count, sizeof(bool)) };

	for (size_t i = 0; i < conf->upstream_count; i++) {
		check_ourselves(reader, group_at(list, i), listeners, conf, &conf->upstreams[i]);
		if (is_whole(group_at(list, i)) && !upstream_is_session(&conf->upstreams[i]))
			check_relay(reader, list, &links, i);
	}
	free(links.taken);
}
