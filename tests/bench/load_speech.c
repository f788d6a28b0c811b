#include <stdio.h>
#include <string.h>

#include "tests/bench/load.h"

/* RFC 6455 section 1.3: the same for all, so that a server without SHA-1 can answer it, too. */
#define UPGRADE_KEY "dGhlIHNhbXBsZSBub25jZQ=="

/* Names are of one length, so that a token stands at the same place in all messages. */
#define NAME_FORMAT "m%06u"

/* base64 of "mNNNNNN:x", which is nine bytes. */
static void basic_write(unsigned number, char out[16])
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char user[24];
	snprintf(user, sizeof user, NAME_FORMAT ":x", number);
	for (int i = 0, o = 0; i < 9; i += 3) {
		unsigned bits =
		    (unsigned)user[i] << 16 | (unsigned)user[i + 1] << 8 | (unsigned)user[i + 2];
		for (int k = 0; k < 4; k++)
			out[o++] = digits[bits >> (18 - 6 * k) & 63];
	}
	out[12] = 0;
}

/* Rooms other than the first have a path of their own, but mixer's are named in its login and
 * concord's in each message. */
static void path_write(const struct member *member, char *out, size_t size)
{
	unsigned room = member->room->number;
	switch (member->speech) {
	case PLAIN: snprintf(out, size, "%u", room); return;
	case MQTT: snprintf(out, size, "mqtt"); return;
	case NATS: out[0] = 0; return;
	case READER: snprintf(out, size, "mixer"); return;
	case MIXER: snprintf(out, size, "mixer?name=" NAME_FORMAT, member->number); return;
	case CONCORD: snprintf(out, size, "concord?token=" NAME_FORMAT, member->number); return;
	case ROOMS: snprintf(out, size, "rooms-%u?key=" NAME_FORMAT, room, member->number); return;
	default: snprintf(out, size, "simple-%u", room); return;
	}
}

size_t speech_request(const struct member *member, char *out, size_t size)
{
	static const char offer[] =
	    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
	char path[64], extra[96] = "", basic[16];
	path_write(member, path, sizeof path);
	if (member->speech == SIMPLE) {
		basic_write(member->number, basic);
		snprintf(extra, sizeof extra, "Authorization: Basic %s\r\n", basic);
	} else if (member->speech == MQTT) {
		snprintf(extra, sizeof extra, "Sec-WebSocket-Protocol: mqtt\r\n");
	}
	return (size_t)snprintf(out, size,
				"GET /%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
				"Connection: Upgrade\r\nSec-WebSocket-Key: " UPGRADE_KEY "\r\n"
				"%s%sSec-WebSocket-Version: 13\r\n\r\n",
				path, run.port, extra, member->deflate ? offer : "");
}

static void say(struct member *member, unsigned opcode, const char *data, size_t len)
{
	wire_frame(member, opcode, data, len);
	wire_flush(member);
}

void speech_open(struct member *member)
{
	char text[160];
	int len;
	if (member->speech == MIXER) {
		len = snprintf(text, sizeof text,
			       "{\"type\":\"method\",\"method\":\"auth\","
			       "\"arguments\":[%u,%u,\"key\"],\"id\":0}",
			       member->room->number + 1, member->number + 1);
		say(member, 1, text, (size_t)len);
	} else if (member->speech == READER) {
		len = snprintf(text, sizeof text,
			       "{\"type\":\"method\",\"method\":\"auth\","
			       "\"arguments\":[%u,null,null],\"id\":0}",
			       member->room->number + 1);
		say(member, 1, text, (size_t)len);
	} else if (member->speech == MQTT) {
		/* CONNECT: version 4, clean session, no keep-alive */
		len = snprintf(text + 14, sizeof text - 14, NAME_FORMAT, member->number);
		memcpy(text, "\x10\0\0\x04MQTT\x04\x02\0\0\0", 13);
		text[1] = (char)(12 + len);
		text[13] = (char)len;
		say(member, 2, text, (size_t)(14 + len));
	} else if (member->speech == NATS) {
		len = snprintf(text, sizeof text,
			       "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"
			       "SUB room.%u 1\r\nPING\r\n",
			       member->room->number);
		say(member, 2, text, (size_t)len);
	}
}

static bool holds(const char *data, size_t len, const char *word)
{
	return memmem(data, len, word, strlen(word)) != NULL;
}

static void mqtt_subscribe(struct member *member)
{
	char packet[32];
	int len = snprintf(packet + 6, sizeof packet - 7, "room/%u", member->room->number);
	memcpy(packet, "\x82\0\0\x01\0", 5);
	packet[1] = (char)(2 + 2 + len + 1);
	packet[5] = (char)len;
	packet[6 + len] = 0;
	say(member, 2, packet, (size_t)(7 + len));
}

bool speech_entering(struct member *member, const char *data, size_t len)
{
	switch (member->speech) {
	case MQTT:
		if (len && (unsigned char)data[0] == 0x20)
			mqtt_subscribe(member);
		return len && (unsigned char)data[0] == 0x90;
	case NATS: return holds(data, len, "PONG\r\n");
	case MIXER: return holds(data, len, "\"authenticated\":true");
	case READER: return holds(data, len, "\"authenticated\":false");
	case CONCORD: return holds(data, len, "\"user_status_updated\"");
	case ROOMS: return holds(data, len, "\"enter\"");
	case SIMPLE: return holds(data, len, "\"user_connected\"");
	default: return true;
	}
}

bool speech_is_reply(const struct member *member, const char *data, size_t len)
{
	static const char reply[] = "{\"type\":\"reply\"";
	return member->speech == MIXER && len >= sizeof reply - 1 &&
	       memcmp(data, reply, sizeof reply - 1) == 0;
}

bool speech_streams(enum speech speech)
{
	return speech == MQTT || speech == NATS;
}

/* ---- publishing ---- */

static int head_write(const struct member *member, char *out, size_t size)
{
	unsigned room = member->room->number;
	switch (member->speech) {
	case MIXER:
		return snprintf(out, size,
				"{\"type\":\"method\",\"method\":\"msg\",\"id\":1,"
				"\"arguments\":[\"");
	case CONCORD:
		return snprintf(out, size,
				"{\"type\":\"chat_written\",\"channelId\":%u,\"threadId\":null,"
				"\"sentAt\":1700000000000,\"content\":\"",
				room + 1);
	case ROOMS:
		return snprintf(out, size,
				"{\"type\":\"message\",\"key\":\"" NAME_FORMAT "\","
				"\"room_id\":\"00000000-0000-4000-8000-%012x\",\"content\":\"",
				member->number, room);
	default:
		return snprintf(out, size,
				"{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":\"");
	}
}

static void filler_write(char *at, const char *end)
{
	static const char filler[] =
	    " and then somebody said that the weather would be fine tomorrow,";
	for (size_t i = 0; at < end; at++)
		*at = filler[i++ % (sizeof filler - 1)];
}

/* As hard to compress as what people write: words, the short ones more often. */
static void prose_write(char *at, const char *end)
{
	static const char *const words[] = {
		"the ",     "a ",       "I ",       "to ",       "and ",       "you ",
		"it ",      "is ",      "in ",      "of ",       "that ",      "not ",
		"lol ",     "just ",    "what ",    "for ",      "was ",       "this ",
		"on ",      "he ",      "so ",      "but ",      "with ",      "are ",
		"they ",    "we ",      "at ",      "do ",       "can ",       "if ",
		"stream ",  "game ",    "really ",  "nice ",     "tomorrow ",  "why? ",
		"played ",  "tonight ", "because ", "think ",    "maybe ",     "good ",
		"server ",  "again, ",  "first ",   "people ",   "watching ",  "music ",
		"yes! ",    "weather ", "hello ",   "somebody ", "question. ", "Friday ",
		"thanks, ", "could ",   "better ",  "coffee ",   "never ",     "went ",
		"looks ",   "update ",  "broken ",  "happened "
	};
	static uint32_t seed = 1;
	while (at < end) {
		const char *word;
		seed = seed * 1664525 + 1013904223;
		word = words[(seed >> 26) & (seed >> 14 & 1 ? 63 : 31)];
		for (*at++ = ' '; at < end && *word; word++)
			*at++ = *word;
		at -= at < end;
	}
}

static size_t text_write(const struct member *member, char *out, size_t size, struct token token)
{
	const struct group *group = member->room->group;
	size_t len = (size_t)head_write(member, out, size), end = len + group->size;
	token_write(out + len, token);
	(group->prose ? prose_write : filler_write)(out + len + TOKEN_BYTES, out + end);
	memcpy(out + end, member->speech == MIXER ? "\"]}" : "\"}", 3);
	return end + (member->speech == MIXER ? 3 : 2);
}

/* PUBLISH, QoS 0. Returns its length. */
static size_t mqtt_write(const struct member *member, char *out, const char *text, size_t len)
{
	char topic[24];
	int topic_len = snprintf(topic, sizeof topic, "room/%u", member->room->number);
	size_t rest = 2 + (size_t)topic_len + len, at = 0;
	out[at++] = 0x30;
	for (size_t left = rest; left || at == 1;) {
		out[at++] = (char)((left & 127) | (left > 127 ? 128 : 0));
		left >>= 7;
	}
	out[at++] = 0;
	out[at++] = (char)topic_len;
	memcpy(out + at, topic, (size_t)topic_len);
	at += (size_t)topic_len;
	memcpy(out + at, text, len);
	return at + len;
}

static size_t nats_write(const struct member *member, char *out, const char *text, size_t len)
{
	size_t at = (size_t)sprintf(out, "PUB room.%u %zu\r\n", member->room->number, len);
	memcpy(out + at, text, len);
	memcpy(out + at + len, "\r\n", 2);
	return at + len + 2;
}

void speech_publish(struct member *member, struct token token)
{
	static char text[70000], packet[70100];
	size_t len = text_write(member, text, sizeof text, token);
	if (member->speech == MQTT)
		wire_frame(member, 2, packet, mqtt_write(member, packet, text, len));
	else if (member->speech == NATS)
		wire_frame(member, 2, packet, nats_write(member, packet, text, len));
	else
		wire_frame(member, 1, text, len);
}
