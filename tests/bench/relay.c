/* relay.c - what plain libwebsockets gives: a room whose every member gets what any of them sent,
 * one lws_write() for each WRITEABLE callback, on the library's own loop.
 *
 *   relay PORT [CERTIFICATE KEY]     with them, over TLS */
#include <libwebsockets.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEPT       16384 /* messages; a member who is further behind is dropped */
#define TEXT_BYTES 65536

struct message {
	size_t len;
	unsigned char *bytes; /* LWS_PRE, then the text */
};

struct seat {
	struct lws *wsi;
	struct seat *next;
	uint64_t at; /* the message to send next */
	size_t len;
	char *part; /* of a message that came in pieces */
};

static struct message messages[KEPT];
static uint64_t message_count;
static struct seat *seats;

static void message_add(const char *text, size_t len)
{
	struct message *message = &messages[message_count++ % KEPT];
	message->bytes = realloc(message->bytes, LWS_PRE + len);
	if (!message->bytes)
		abort();
	memcpy(message->bytes + LWS_PRE, text, len);
	message->len = len;
	for (struct seat *seat = seats; seat; seat = seat->next)
		lws_callback_on_writable(seat->wsi);
}

static int receive(struct lws *wsi, struct seat *seat, const char *text, size_t len)
{
	bool whole = lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);
	if (whole && !seat->len) {
		message_add(text, len);
		return 0;
	}
	if (!seat->part && !(seat->part = malloc(TEXT_BYTES)))
		abort();
	if (seat->len + len > TEXT_BYTES)
		return -1;
	memcpy(seat->part + seat->len, text, len);
	seat->len += len;
	if (whole) {
		message_add(seat->part, seat->len);
		seat->len = 0;
	}
	return 0;
}

static int write_next(struct seat *seat)
{
	struct message *message;
	if (seat->at == message_count)
		return 0;
	if (message_count - seat->at > KEPT)
		return -1;
	message = &messages[seat->at++ % KEPT];
	if (lws_write(seat->wsi, message->bytes + LWS_PRE, message->len, LWS_WRITE_TEXT) <
	    (int)message->len)
		return -1;
	if (seat->at < message_count)
		lws_callback_on_writable(seat->wsi);
	return 0;
}

static void seat_leave(struct seat *seat)
{
	struct seat **at = &seats;
	while (*at && *at != seat)
		at = &(*at)->next;
	if (*at)
		*at = seat->next;
	free(seat->part);
}

static int callback(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
		    size_t len)
{
	struct seat *seat = user;
	switch (why) {
	case LWS_CALLBACK_ESTABLISHED:
		*seat = (struct seat){ .wsi = wsi, .next = seats, .at = message_count };
		seats = seat;
		return 0;
	case LWS_CALLBACK_CLOSED: seat_leave(seat); return 0;
	case LWS_CALLBACK_RECEIVE: return receive(wsi, seat, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE: return write_next(seat);
	default: return 0;
	}
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { .name = "relay",
							    .callback = callback,
							    .per_session_data_size =
								sizeof(struct seat),
							    .rx_buffer_size = 32768 },
							  { .name = NULL } };
	struct lws_context_creation_info info = { .iface = "127.0.0.1", .protocols = protocols };
	struct lws_context *context;
	if (argc != 2 && argc != 4)
		return 2;
	if (argc == 4) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = argv[2];
		info.ssl_private_key_filepath = argv[3];
	}
	signal(SIGPIPE, SIG_IGN);
	lws_set_log_level(LLL_ERR, NULL);
	info.port = atoi(argv[1]);
	context = lws_create_context(&info);
	if (!context)
		return 1;
	while (lws_service(context, 0) >= 0)
		;
	return 1;
}
