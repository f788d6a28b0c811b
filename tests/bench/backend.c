/* backend.c - the other end of the rows "through an ask" and "through a tap": a backend that allows
 * everything and acknowledges everything, or a listener that takes all a tap feeds.
 *
 *   backend ask ENDPOINT NAME     a DEALER for that backend
 *   backend tap ENDPOINT          a SUB for every topic
 *
 * Reads nothing of what is said but the id that an answer needs. Ends with SIGTERM. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define FRAMES  5
#define BEAT_MS 400

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "backend: %s: %s\n", what, zmq_strerror(zmq_errno()));
	exit(1);
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void *open_socket(int type, const char *endpoint)
{
	void *socket = zmq_socket(zmq_ctx_new(), type);
	int none = 0, limit = 100000, wait = BEAT_MS / 2;

	if (!socket)
		fail("socket");
	zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
	zmq_setsockopt(socket, ZMQ_SNDHWM, &limit, sizeof(limit));
	zmq_setsockopt(socket, ZMQ_RCVHWM, &limit, sizeof(limit));
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	if (type == ZMQ_SUB)
		zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
	if (zmq_connect(socket, endpoint) != 0)
		fail(endpoint);
	return socket;
}

static void say(void *socket, const char *command, const char *meta)
{
	zmq_send(socket, "DGM1", 4, ZMQ_SNDMORE);
	zmq_send(socket, command, strlen(command), ZMQ_SNDMORE);
	zmq_send(socket, meta, strlen(meta), 0);
}

/* Takes a whole message. Returns how many frames it had. */
static int take(void *socket, zmq_msg_t frames[FRAMES], int flags)
{
	int count = 0, more = 1;

	while (more) {
		zmq_msg_t rest, *frame = count < FRAMES ? &frames[count] : &rest;

		zmq_msg_init(frame);
		if (zmq_msg_recv(frame, socket, count ? 0 : flags) < 0)
			return 0;
		more = zmq_msg_more(frame);
		if (count < FRAMES)
			count++;
		else
			zmq_msg_close(&rest);
	}
	return count;
}

/* The digits behind "id": in a meta. */
static void answer(void *socket, zmq_msg_t *command, zmq_msg_t *meta)
{
	static const char before[] = "{\"id\":", after[] = ",\"verdict\":\"allow\"}";
	const char *text = zmq_msg_data(meta);
	const char *id = memmem(text, zmq_msg_size(meta), "\"id\":", 5);
	size_t digits = 0, len = sizeof(before) - 1;
	char reply[96];

	if (!id)
		return;
	for (id += 5; id + digits < text + zmq_msg_size(meta) && digits < 20; digits++)
		if (id[digits] < '0' || id[digits] > '9')
			break;
	memcpy(reply, before, len);
	memcpy(reply + len, id, digits);
	memcpy(reply + len + digits, after, sizeof(after));
	if (zmq_msg_size(command) == 3 && memcmp(zmq_msg_data(command), "ASK", 3) == 0)
		say(socket, "ANSWER", reply);
	else if (zmq_msg_size(command) == 5 && memcmp(zmq_msg_data(command), "EVENT", 5) == 0)
		say(socket, "ACK", reply);
}

/* Waits for a message, at most until the next heartbeat is due. */
static void take_all(void *socket, int asked)
{
	zmq_msg_t frames[FRAMES];
	int count, flags = 0;

	for (; (count = take(socket, frames, flags)) > 0; flags = ZMQ_DONTWAIT) {
		if (asked && count >= 3)
			answer(socket, &frames[1], &frames[2]);
		for (int i = 0; i < count; i++)
			zmq_msg_close(&frames[i]);
	}
}

int main(int argc, char **argv)
{
	int asked = argc == 4 && strcmp(argv[1], "ask") == 0;
	uint64_t beat = 0;
	char ready[256];
	void *socket;

	if (!asked && (argc != 3 || strcmp(argv[1], "tap") != 0)) {
		fprintf(stderr, "usage: backend ask ENDPOINT NAME | backend tap ENDPOINT\n");
		return 2;
	}
	socket = open_socket(asked ? ZMQ_DEALER : ZMQ_SUB, argv[2]);
	if (asked) {
		snprintf(ready, sizeof(ready), "{\"name\":\"%s\",\"credits\":10000}", argv[3]);
		say(socket, "READY", ready);
	}
	for (;;) {
		take_all(socket, asked);
		if (asked && clock_ms() - beat > BEAT_MS) {
			say(socket, "HEARTBEAT", "{}");
			beat = clock_ms();
		}
	}
}
