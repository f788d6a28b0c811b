#include "tests/support/actors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/support/dialects.h"

#define FIRST_NUMBER 100

static char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *pattern, ...)
{
	va_list args;
	char *text = NULL;
	int len;

	va_start(args, pattern);
	len = vasprintf(&text, pattern, args);
	va_end(args);
	if (len < 0)
		abort();
	return text;
}

char *actor_basic(const char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text), at = 0;
	char *out = memory_new(len * 2 + 16);

	at += (size_t)sprintf(out, "Basic ");
	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < len ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[at++] = k <= len - i ? digits[bits >> (18 - 6 * k) & 63] : '=';
	}
	out[at] = '\0';
	return out;
}

static void say_text(struct stage_client *client, char *text)
{
	stage_say(client, slice_of(text), false);
	free(text);
}

/* NUMBER:AUTHKEY, NUMBER, or "reader". */
static void mixer_login(struct stage_client *client, const struct mount *mount,
			const char *credential)
{
	unsigned long long channel = room_view(mount->room, mount->dialect)->room_number;
	const char *colon = strchr(credential, ':');

	if (strcmp(credential, "reader") == 0)
		say_text(client, format("{\"type\":\"method\",\"method\":\"auth\",\"arguments\":"
					"[%llu,null,null],\"id\":0}",
					channel));
	else
		say_text(client, format("{\"type\":\"method\",\"method\":\"auth\",\"arguments\":"
					"[%llu,%llu,\"%s\"],\"id\":0}",
					channel, strtoull(credential, NULL, 10),
					colon ? colon + 1 : client->name));
}

static char *usual_query(size_t dialect, const char *name, const char *credential)
{
	switch (dialect) {
	case DIALECT_MIXER: return format("name=%s", name);
	case DIALECT_CONCORD: return format("token=%s", credential);
	case DIALECT_ROOMS: return format("key=%s", credential);
	default: return NULL;
	}
}

static char *usual_authorization(size_t dialect, const char *credential)
{
	char *text, *basic;

	if (dialect != DIALECT_SIMPLE)
		return NULL;
	text = format(strchr(credential, ':') ? "%s" : "%s:", credential);
	basic = actor_basic(text);
	free(text);
	return basic;
}

struct stage_client *actor_join(struct stage *stage, const char *name, size_t dialect,
				const struct actor *actor)
{
	const char *credential = actor->credential ? actor->credential : name;
	char number[16], *query, *authorization;
	struct stage_request request = { .mount = stage_mount(stage, dialect, actor->path),
					 .address = actor->address,
					 .framing = actor->framing,
					 .compressed = actor->compressed,
					 .dragoman = actor->dragoman };
	struct stage_client *client;
	struct slice response;

	if (!request.mount)
		return NULL;
	if (dialect == DIALECT_MIXER && !actor->credential) {
		snprintf(number, sizeof(number), "%zu", FIRST_NUMBER + stage->client_count);
		credential = number;
	}
	query = usual_query(dialect, name, credential);
	authorization = usual_authorization(dialect, credential);
	request.query = actor->query ? actor->query : query;
	request.authorization = authorization;
	client = stage_connect(stage, name, &request, &response);
	snprintf(client->key, sizeof(client->key), "%s", credential);
	free(query);
	free(authorization);
	if (client->session && dialect == DIALECT_MIXER)
		mixer_login(client, request.mount, credential);
	return client->session ? client : NULL;
}

void actor_says(struct stage_client *client, const char *text)
{
	const struct codec_view *view = client->session->peer.view;
	unsigned id = ++client->requests;

	switch (client->dialect) {
	case DIALECT_MIXER:
		say_text(client, format("{\"type\":\"method\",\"method\":\"msg\",\"arguments\":"
					"[\"%s\"],\"id\":%u}",
					text, id));
		break;
	case DIALECT_CONCORD:
		say_text(client, format("{\"type\":\"chat_written\",\"channelId\":%llu,"
					"\"threadId\":null,\"sentAt\":%llu,\"content\":\"%s\"}",
					(unsigned long long)view->room_number,
					(unsigned long long)client->stage->now_ms, text));
		break;
	case DIALECT_ROOMS:
		say_text(client,
			 format("{\"type\":\"message\",\"key\":\"%s\",\"content\":\"%s\","
				"\"room_id\":\"%.*s\"}",
				client->key, text, (int)view->room_id.len, view->room_id.data));
		break;
	default:
		say_text(client, format("{\"type\":\"send_message\",\"payload_id\":\"%u\","
					"\"message\":\"%s\"}",
					id, text));
	}
}

char *actor_message_pattern(size_t dialect, const char *name)
{
	switch (dialect) {
	case DIALECT_MIXER:
		return format("{\"event\":\"ChatMessage\",\"data\":{\"id\":\"@%s.uuid\",...},...}",
			      name);
	case DIALECT_CONCORD:
		return format("{\"type\":\"chat_sent\",\"chat\":{\"id\":@%s,...}}", name);
	case DIALECT_ROOMS:
		return format("{\"type\":\"message\",\"message_id\":\"@%s\",...}", name);
	default: return NULL;
	}
}
