#include "bridge/admin/control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "bridge/admin/control/serve.h"
#include "bridge/admin/control/socket_path.h"
#include "bridge/core/log/log.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define CONNECTIONS_MAX 16
#define BACKLOG         64
#define TICK_MS         10
#define IDLE_MS         60000 /* without a request, or without reading what waits for it */
#define READ_BYTES      (REQUEST_BYTES_MOST + 1)

struct peer {
	uv_pipe_t pipe;
	struct control *control;
	struct peer *next;
	struct call *call; /* under way; NULL: none */
	unsigned uid;
	int pid;
	uint64_t heard_ms; /* when it sent or took something last */
	bool full;         /* not read before the next request is taken up */
	bool complete;     /* no more requests come */
	bool ending;       /* closed when all is written */
	bool closed;
	unsigned writing; /* writes that are not done */
	size_t len;       /* bytes that wait to be read as requests */
	char bytes[READ_BYTES];
};

struct control {
	struct calls calls;
	struct socket_path place;
	int fd; /* -1: the loop's */
	uv_pipe_t pipe;
	uv_timer_t timer;
	bool started;
	struct peer *first;
	unsigned count;
};

/* ---- writing ---- */

struct output {
	uv_write_t write;
	struct peer *peer;
	char bytes[];
};

static void peer_close(struct peer *peer);
static void read_on(struct peer *peer);
static void on_buffer(uv_handle_t *handle, size_t unused, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *unused);

static void on_written(uv_write_t *write, int status)
{
	struct output *output = (struct output *)write;
	struct peer *peer = output->peer;

	free(output);
	peer->writing--;
	peer->heard_ms = clock_steady_ms();
	if (peer->closed || peer->writing > 0)
		return;
	if (status < 0 || peer->ending) {
		peer_close(peer);
		return;
	}
	if (peer->call)
		call_written(peer->call);
	calls_sweep(&peer->control->calls);
	read_on(peer);
}

static void send_line(void *context, const char *line, size_t len, bool last)
{
	struct peer *peer = context;
	struct output *output = memory_new(sizeof(*output) + len);
	uv_buf_t buffer;

	if (last)
		peer->call = NULL;
	memcpy(output->bytes, line, len);
	output->peer = peer;
	buffer = uv_buf_init(output->bytes, (unsigned)len);
	peer->writing++;
	if (uv_write(&output->write, (uv_stream_t *)&peer->pipe, &buffer, 1, on_written) != 0) {
		peer->writing--;
		free(output);
		peer_close(peer);
	}
}

static void refuse(struct peer *peer, const char *code, const char *text, int status)
{
	char line[REQUEST_FAULT_MAX + 128];
	size_t len = calls_refusal(line, sizeof(line), code, text, status);

	send_line(peer, line, len, true);
}

/* ---- one connection ---- */

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void peer_close(struct peer *peer)
{
	struct peer **link = &peer->control->first;

	if (peer->closed)
		return;
	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	peer->control->count--;
	peer->closed = true;
	if (peer->call)
		call_orphan(peer->call);
	peer->call = NULL;
	uv_close((uv_handle_t *)&peer->pipe, on_closed);
}

static void begin(struct peer *peer, const char *line, size_t len)
{
	struct control *control = peer->control;
	char fault[REQUEST_FAULT_MAX];
	struct request request;
	struct call *call;

	control->calls.now_ms = clock_steady_ms();
	peer->heard_ms = control->calls.now_ms;
	if (!request_read(line, len, &request, fault)) {
		refuse(peer, "bad_request", fault, 2);
		return;
	}
	call = call_new(&control->calls, &request, peer, peer->uid, peer->pid);
	peer->call = call;
	if (!uv_is_active((uv_handle_t *)&control->timer))
		uv_timer_again(&control->timer);
	serve(call);
}

static void refuse_long(struct peer *peer)
{
	peer->len = 0;
	peer->ending = true;
	uv_read_stop((uv_stream_t *)&peer->pipe);
	refuse(peer, "too_long", "a request has more than 65536 bytes", 2);
}

static void read_rest(struct peer *peer)
{
	if (peer->len == READ_BYTES)
		refuse_long(peer);
	else if (peer->complete)
		peer_close(peer);
	else if (peer->full)
		uv_read_start((uv_stream_t *)&peer->pipe, on_buffer, on_read);
	peer->full = false;
}

/* The next request, when the one before is answered and that is written. */
static void read_on(struct peer *peer)
{
	while (!peer->call && !peer->ending && !peer->closed && peer->writing == 0) {
		char *end = memchr(peer->bytes, '\n', peer->len);
		size_t used;

		if (!end) {
			read_rest(peer);
			return;
		}
		begin(peer, peer->bytes, (size_t)(end - peer->bytes));
		used = (size_t)(end + 1 - peer->bytes);
		peer->len -= used;
		memmove(peer->bytes, end + 1, peer->len);
	}
}

static void on_buffer(uv_handle_t *handle, size_t unused, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;

	(void)unused;
	*buffer = uv_buf_init(peer->bytes + peer->len, (unsigned)(READ_BYTES - peer->len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *unused)
{
	struct peer *peer = stream->data;

	(void)unused;
	if (len < 0 && len != UV_EOF) {
		peer_close(peer);
		return;
	}
	/* Who says that no more comes may wait for answers all the same. */
	if (len == UV_EOF)
		peer->complete = true;
	else
		peer->len += (size_t)len;
	read_on(peer);
	if (!peer->closed && !peer->ending && peer->len == READ_BYTES) {
		peer->full = true;
		uv_read_stop(stream);
	}
	calls_sweep(&peer->control->calls);
}

/* ---- who comes ---- */

static bool is_allowed(struct peer *peer)
{
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&peer->pipe, &fd) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return false;
	peer->uid = who.uid;
	peer->pid = who.pid;
	return who.uid == 0 || who.uid == geteuid();
}

static void welcome(struct peer *peer)
{
	if (!is_allowed(peer)) {
		log_event(LOG_WARNING,
			  &(struct log_fields){ .event = "command_refused", .reason = "no_right" },
			  "control: uid %u, pid %d: refused, not this server's user", peer->uid,
			  peer->pid);
		peer->ending = true;
		refuse(peer, "no_right", "only root and the server's own user may ask", 1);
	} else if (peer->control->count > CONNECTIONS_MAX) {
		peer->ending = true;
		refuse(peer, "busy", "too many connections to the control socket", 1);
	} else {
		uv_read_start((uv_stream_t *)&peer->pipe, on_buffer, on_read);
	}
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct control *control = stream->data;
	struct peer *peer;

	if (status < 0)
		return;
	peer = memory_zeroed(1, sizeof(*peer));
	peer->control = control;
	uv_pipe_init(stream->loop, &peer->pipe, 0);
	peer->pipe.data = peer;
	peer->heard_ms = clock_steady_ms();
	peer->next = control->first;
	control->first = peer;
	control->count++;
	if (uv_accept(stream, (uv_stream_t *)&peer->pipe) == 0)
		welcome(peer);
	else
		peer_close(peer);
	uv_timer_again(&control->timer);
}

static void on_tick(uv_timer_t *timer)
{
	struct control *control = timer->data;
	uint64_t now = clock_steady_ms();
	struct peer *next;

	control->calls.now_ms = now;
	calls_tick(&control->calls);
	calls_look(&control->calls);
	calls_sweep(&control->calls);
	for (struct peer *one = control->first; one; one = next) {
		next = one->next;
		if ((!one->call || one->writing > 0) && now - one->heard_ms >= IDLE_MS)
			peer_close(one);
	}
	if (!control->first && !control->calls.first)
		uv_timer_stop(timer);
}

/* ---- the socket ---- */

static void tell_fault(FILE *errors, enum socket_path_fault fault, const char *path, bool named)
{
	const char *why = socket_path_fault_text(fault);

	if (named)
		fprintf(errors, "dragoman: control socket %s: %s\n", path, why);
	else
		log_line(LOG_WARNING, "no control socket at %s: %s", path, why);
}

static bool open_at(struct control *control, const char *path, bool named, FILE *errors)
{
	enum socket_path_fault fault =
	    socket_path_take(&control->place, path, !named, &control->fd);

	if (fault != SOCKET_PATH_OK)
		tell_fault(errors, fault, path, named);
	return fault == SOCKET_PATH_OK;
}

bool control_open(struct bridge *bridge, const struct control_server *server, FILE *errors,
		  struct control **made)
{
	const char *path = bridge->conf->control;
	bool named = strcmp(path, CONF_CONTROL_AUTO) != 0;
	char own[SOCKET_PATH_MAX];
	struct control *control;
	bool opened = false;

	*made = NULL;
	if (!*path)
		return true;
	control = memory_zeroed(1, sizeof(*control));
	control->calls = (struct calls){ .bridge = bridge, .server = server, .send = send_line };
	control->calls.started_ms = control->calls.now_ms = clock_steady_ms();
	if (named || socket_path_of_server(own))
		opened = open_at(control, named ? path : own, named, errors);
	else
		log_line(LOG_WARNING, "no control socket: there is no run-time folder");
	if (opened)
		*made = control;
	else
		free(control);
	return opened || !named;
}

void control_start(struct control *control, struct uv_loop_s *loop)
{
	if (!control)
		return;
	uv_timer_init(loop, &control->timer);
	uv_pipe_init(loop, &control->pipe, 0);
	control->timer.data = control->pipe.data = control;
	uv_timer_start(&control->timer, on_tick, TICK_MS, TICK_MS);
	control->started = true;
	if (uv_pipe_open(&control->pipe, control->fd) != 0 ||
	    uv_listen((uv_stream_t *)&control->pipe, BACKLOG, on_connection) != 0)
		log_line(LOG_ERROR, "the control socket cannot be served");
	else
		log_line(LOG_INFO, "control socket %s", control->place.path);
	control->fd = -1;
}

void control_hear(struct control *control, struct post_inquiry *post)
{
	if (!control)
		return;
	control->calls.now_ms = clock_steady_ms();
	calls_hear(&control->calls, post);
	calls_sweep(&control->calls);
}

void control_look(struct control *control)
{
	if (!control || !control->calls.first)
		return;
	control->calls.now_ms = clock_steady_ms();
	calls_look(&control->calls);
	calls_sweep(&control->calls);
}

void control_stop(struct control *control)
{
	if (!control)
		return;
	socket_path_leave(&control->place);
	if (control->started) {
		uv_close((uv_handle_t *)&control->pipe, NULL);
		uv_close((uv_handle_t *)&control->timer, NULL);
	}
	control->started = false;
	/* A line goes out within the call, unless who asked does not read. */
	calls_close(&control->calls);
	while (control->first)
		peer_close(control->first);
}

void control_free(struct control *control)
{
	if (!control)
		return;
	if (control->fd >= 0)
		close(control->fd);
	calls_clear(&control->calls);
	free(control);
}
