/* limit.c - what no chat server can beat: rooms without any logic, to compare with.
 *
 *   limit PORT send     one send() for each message and member
 *   limit PORT batch    what was read in one turn of the loop goes out in one send() per member
 *
 *   limit PORT send lose|double|swap    does so with every fiftieth message, so that the load tool
 *                       can be seen to notice
 *
 * The path of the URL is the number of a room. What anybody sends goes, framed once, to all in the
 * room. One thread; it only knows the load tool's handshake and checks nothing: no server to run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOMS_MAX  16384
#define READ_BYTES 65536
#define EVENTS     256

struct run {
	char *data;
	size_t len, size;
};

struct peer {
	int fd;
	bool open;
	unsigned room;
	struct run in, out; /* what is incomplete; what the kernel did not take */
};

static struct room {
	struct peer **peers;
	unsigned count, size;
	struct run turn;
	bool listed;
} rooms[ROOMS_MAX];

static unsigned changed[ROOMS_MAX], changed_count;
static bool batch;
static char fault; /* 'l', 'd', 's'; 0: none */
static int poller;

static void run_add(struct run *run, const void *data, size_t len)
{
	if (run->len + len > run->size) {
		run->size = 2 * (run->len + len);
		run->data = realloc(run->data, run->size);
		if (!run->data)
			abort();
	}
	memcpy(run->data + run->len, data, len);
	run->len += len;
}

static void watch(struct peer *peer)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };
	if (peer->out.len)
		event.events |= EPOLLOUT;
	epoll_ctl(poller, EPOLL_CTL_MOD, peer->fd, &event);
}

static void peer_send(struct peer *peer, const char *data, size_t len)
{
	ssize_t sent = 0;
	if (!peer->out.len)
		sent = send(peer->fd, data, len, MSG_NOSIGNAL);
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == len)
		return;
	run_add(&peer->out, data + sent, len - (size_t)sent);
	watch(peer);
}

static void peer_drain(struct peer *peer)
{
	ssize_t sent = send(peer->fd, peer->out.data, peer->out.len, MSG_NOSIGNAL);
	if (sent <= 0)
		return;
	peer->out.len -= (size_t)sent;
	memmove(peer->out.data, peer->out.data + sent, peer->out.len);
	if (!peer->out.len)
		watch(peer);
}

static void room_send(struct room *room, const char *data, size_t len)
{
	for (unsigned i = 0; i < room->count; i++)
		peer_send(room->peers[i], data, len);
}

static void frame_send(unsigned number, const char *text, size_t len)
{
	static char frame[READ_BYTES + 4];
	struct room *room = &rooms[number];
	size_t head = len < 126 ? 2 : 4;
	frame[0] = (char)0x81;
	frame[1] = (char)(len < 126 ? len : 126);
	if (head == 4) {
		frame[2] = (char)(len >> 8);
		frame[3] = (char)len;
	}
	memcpy(frame + head, text, len);
	if (!batch) {
		room_send(room, frame, head + len);
		return;
	}
	run_add(&room->turn, frame, head + len);
	if (!room->listed)
		changed[changed_count++] = number;
	room->listed = true;
}

static void room_message(unsigned number, const char *text, size_t len)
{
	static unsigned count;
	static struct run held;
	if (fault && ++count % 50 == 0) {
		if (fault == 'd') {
			frame_send(number, text, len);
			frame_send(number, text, len);
		} else if (fault == 's') {
			run_add(&held, text, len);
		}
		return;
	}
	frame_send(number, text, len);
	if (held.len)
		frame_send(number, held.data, held.len);
	held.len = 0;
}

static void turn_end(void)
{
	while (changed_count) {
		struct room *room = &rooms[changed[--changed_count]];
		room_send(room, room->turn.data, room->turn.len);
		room->turn.len = 0;
		room->listed = false;
	}
}

/* ---- what comes in ---- */

static void room_enter(struct peer *peer, unsigned number)
{
	struct room *room = &rooms[number % ROOMS_MAX];
	if (room->count == room->size) {
		room->size = room->size ? room->size * 2 : 4;
		room->peers = realloc(room->peers, room->size * sizeof(*room->peers));
		if (!room->peers)
			abort();
	}
	room->peers[room->count++] = peer;
	peer->room = number % ROOMS_MAX;
	peer->open = true;
}

static size_t upgrade(struct peer *peer, const char *data, size_t len)
{
	static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				     "Connection: Upgrade\r\n"
				     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	if (!end)
		return 0;
	peer_send(peer, answer, sizeof(answer) - 1);
	room_enter(peer, (unsigned)strtoul(data + 5, NULL, 10));
	return (size_t)(end + 4 - data);
}

static void unmask(char *text, size_t len, const char mask[4])
{
	uint64_t word, masks;
	size_t i = 0;
	memcpy(&masks, mask, 4);
	memcpy((char *)&masks + 4, mask, 4);
	for (; i + 8 <= len; i += 8) {
		memcpy(&word, text + i, 8);
		word ^= masks;
		memcpy(text + i, &word, 8);
	}
	for (; i < len; i++)
		text[i] = (char)(text[i] ^ mask[i & 3]);
}

/* Takes one whole frame from the front. Returns its length, 0 when there is none. */
static size_t frame_take(struct peer *peer, char *data, size_t len)
{
	unsigned char *head = (unsigned char *)data;
	size_t head_len = 2, payload;
	char *text;
	if (len < 2)
		return 0;
	payload = head[1] & 127;
	if (payload == 126) {
		head_len = 4;
		if (len < head_len)
			return 0;
		payload = (size_t)head[2] << 8 | head[3];
	}
	if (len < head_len + 4 + payload)
		return 0;
	text = data + head_len + 4;
	unmask(text, payload, data + head_len);
	if ((head[0] & 15) == 1)
		room_message(peer->room, text, payload);
	return head_len + 4 + payload;
}

static void peer_leave(struct peer *peer)
{
	struct room *room = &rooms[peer->room];
	for (unsigned i = 0; peer->open && i < room->count; i++) {
		if (room->peers[i] != peer)
			continue;
		room->peers[i] = room->peers[--room->count];
		break;
	}
	close(peer->fd);
	free(peer->in.data);
	free(peer->out.data);
	free(peer);
}

static bool peer_read(struct peer *peer)
{
	static char data[2 * READ_BYTES];
	size_t len = peer->in.len, at = 0, took;
	ssize_t got;
	if (len)
		memcpy(data, peer->in.data, len);
	got = recv(peer->fd, data + len, READ_BYTES, 0);
	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	len += (size_t)got;
	if (!peer->open)
		at = upgrade(peer, data, len);
	while (peer->open && (took = frame_take(peer, data + at, len - at)))
		at += took;
	peer->in.len = 0;
	if (at < len)
		run_add(&peer->in, data + at, len - at);
	return true;
}

static void peer_accept(int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct peer *peer = calloc(1, sizeof(*peer));
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };
		if (!peer)
			abort();
		peer->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
	}
}

static int listen_on(const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(port)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct epoll_event event = { .events = EPOLLIN };
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, 1024) < 0) {
		perror("limit");
		exit(1);
	}
	epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
	return listener;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	struct rlimit files;
	int listener;
	if (argc < 3)
		return 2;
	if (argc > 3)
		fault = argv[3][0];
	batch = strcmp(argv[2], "batch") == 0;
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	poller = epoll_create1(0);
	listener = listen_on(argv[1]);
	for (;;) {
		int count = epoll_wait(poller, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct peer *peer = events[i].data.ptr;
			if (!peer) {
				peer_accept(listener);
				continue;
			}
			if ((events[i].events & EPOLLOUT) && peer->out.len)
				peer_drain(peer);
			if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) &&
			    !peer_read(peer))
				peer_leave(peer);
		}
		turn_end();
	}
}
