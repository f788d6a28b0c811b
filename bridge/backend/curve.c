#include "bridge/backend/curve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

#include "bridge/service/credentials.h"
#include "codecs/text/memory.h"
#include "codecs/text/slice.h"
#include "conf/read/file.h"

#define PATH_BYTES 4096

/* RFC 27: the frames of a request, in order. */
enum { VERSION, REQUEST_ID, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS, REQUEST_FRAMES };

struct request {
	char bytes[REQUEST_FRAMES][256];
	struct slice frames[REQUEST_FRAMES]; /* a longer one keeps its length, and its beginning */
	size_t count;                        /* may be more than fit */
};

struct curve_list {
	struct curve_list *next;
	char *name;
	unsigned char (*keys)[CURVE_KEY_BYTES];
	size_t count;
	_Atomic uint64_t refused;
};

struct curve_judge {
	void *socket; /* REP; the thread's once it runs */
	pthread_t thread;
	pthread_mutex_t lock; /* of the lists */
	struct curve_list *lists;
};

/* ---- keys ---- */

static bool complain(FILE *errors, const char *name, const char *path, const char *what)
{
	fprintf(errors, "dragoman: %s: %s: %s\n", name, path, what);
	return false;
}

static bool key_is_text(const char *text)
{
	unsigned char key[CURVE_KEY_BYTES];
	bool right = strlen(text) == CURVE_TEXT_CHARS && zmq_z85_decode(key, text);

	explicit_bzero(key, sizeof(key));
	return right;
}

static bool key_read_open(int fd, char text[CURVE_TEXT_CHARS + 1])
{
	char line[CURVE_TEXT_CHARS + 2] = "";
	ssize_t len = read(fd, line, sizeof(line));
	bool whole = len == CURVE_TEXT_CHARS ||
		     (len == CURVE_TEXT_CHARS + 1 && line[CURVE_TEXT_CHARS] == '\n');

	memcpy(text, line, CURVE_TEXT_CHARS);
	text[CURVE_TEXT_CHARS] = '\0';
	explicit_bzero(line, sizeof(line));
	return whole && key_is_text(text);
}

bool curve_key_read(const char *name, const char *path, bool secret,
		    char text[CURVE_TEXT_CHARS + 1], FILE *errors)
{
	/* A fifo must not hold up the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;
	const char *wrong = NULL;

	if (fd < 0 || fstat(fd, &about) < 0)
		wrong = strerror(errno);
	else if (!S_ISREG(about.st_mode))
		wrong = "not a file";
	else if (secret && !file_is_private(&about, path, credentials_folder()))
		wrong = "a secret key that others than its owner may read";
	else if (!key_read_open(fd, text))
		wrong = "not a key: one line of 40 characters of Z85";
	if (fd >= 0)
		close(fd);
	if (wrong)
		explicit_bzero(text, CURVE_TEXT_CHARS + 1);
	return !wrong || complain(errors, name, path, wrong);
}

/* Neither replaces a file nor follows a link. */
static bool line_write(const char *path, const char *text, mode_t mode, FILE *errors)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	char line[CURVE_TEXT_CHARS + 2];
	int len = snprintf(line, sizeof(line), "%s\n", text);
	bool written;

	if (fd < 0)
		return complain(errors, "keygen", path, strerror(errno));
	written = write(fd, line, (size_t)len) == len && fsync(fd) == 0;
	written = close(fd) == 0 && written;
	explicit_bzero(line, sizeof(line));
	if (written)
		return true;
	complain(errors, "keygen", path, strerror(errno));
	unlink(path);
	return false;
}

bool curve_key_make(const char *name, FILE *errors)
{
	char secret_path[PATH_BYTES], public_path[PATH_BYTES];
	char secret[CURVE_TEXT_CHARS + 1], public[CURVE_TEXT_CHARS + 1];
	bool made;

	if (strlen(name) + sizeof(".key") > PATH_BYTES)
		return complain(errors, "keygen", name, strerror(ENAMETOOLONG));
	snprintf(secret_path, sizeof(secret_path), "%s.key", name);
	snprintf(public_path, sizeof(public_path), "%s.pub", name);
	if (zmq_curve_keypair(public, secret) < 0)
		return complain(errors, "keygen", name, zmq_strerror(zmq_errno()));
	made = line_write(secret_path, secret, 0600, errors);
	explicit_bzero(secret, sizeof(secret));
	if (made && !line_write(public_path, public, 0644, errors)) {
		/* A key of which half is missing is of no use, and would be in the way. */
		unlink(secret_path);
		made = false;
	}
	return made;
}

/* ---- lists ---- */

static void list_free(struct curve_list *list)
{
	free(list->name);
	free(list->keys);
	free(list);
}

static struct curve_list *list_read(const char *name, char *const *files, size_t count,
				    FILE *errors)
{
	struct curve_list *list = memory_zeroed(1, sizeof(*list));
	char text[CURVE_TEXT_CHARS + 1];

	list->name = memory_text(name, strlen(name));
	list->keys = memory_zeroed(count, sizeof(*list->keys));
	for (; list->count < count; list->count++) {
		if (!curve_key_read(name, files[list->count], false, text, errors)) {
			list_free(list);
			return NULL;
		}
		zmq_z85_decode(list->keys[list->count], text);
	}
	return list;
}

/* Under the lock. */
static struct curve_list *list_find(const struct curve_judge *judge, struct slice name)
{
	struct curve_list *list = judge->lists;

	while (list && !slice_is(name, list->name))
		list = list->next;
	return list;
}

struct curve_list *curve_list_add(struct curve_judge *judge, const char *name, char *const *files,
				  size_t count, FILE *errors)
{
	struct curve_list *list = list_read(name, files, count, errors);
	bool known;

	if (!list)
		return NULL;
	pthread_mutex_lock(&judge->lock);
	known = list_find(judge, slice_of(name)) != NULL;
	if (!known) {
		list->next = judge->lists;
		judge->lists = list;
	}
	pthread_mutex_unlock(&judge->lock);
	if (!known)
		return list;
	fprintf(errors, "dragoman: %s: two sockets with keys have this name\n", name);
	list_free(list);
	return NULL;
}

void curve_list_remove(struct curve_judge *judge, struct curve_list *list)
{
	struct curve_list **link = &judge->lists;

	if (!list)
		return;
	pthread_mutex_lock(&judge->lock);
	while (*link != list)
		link = &(*link)->next;
	*link = list->next;
	pthread_mutex_unlock(&judge->lock);
	list_free(list);
}

uint64_t curve_list_refused(const struct curve_list *list)
{
	return atomic_load_explicit(&list->refused, memory_order_relaxed);
}

/* Looks at every byte of every key, so that the time tells nothing of how near a guess was. */
static bool list_has(const struct curve_list *list, const char *key)
{
	unsigned found = 0;

	for (size_t k = 0; k < list->count; k++) {
		unsigned differs = 0;

		for (size_t b = 0; b < CURVE_KEY_BYTES; b++)
			differs |= (unsigned)(list->keys[k][b] ^ (unsigned char)key[b]);
		found |= (differs - 1) >> 8; /* 0 unless nothing differs */
	}
	return found != 0;
}

/* ---- the judge ---- */

static bool judge_allows(struct curve_judge *judge, const struct request *request)
{
	struct curve_list *list;
	bool allowed = false;

	if (request->count != REQUEST_FRAMES || !slice_is(request->frames[VERSION], "1.0"))
		return false;
	pthread_mutex_lock(&judge->lock);
	list = list_find(judge, request->frames[DOMAIN]);
	if (list) {
		allowed = slice_is(request->frames[MECHANISM], "CURVE") &&
			  request->frames[CREDENTIALS].len == CURVE_KEY_BYTES &&
			  list_has(list, request->frames[CREDENTIALS].data);
		if (!allowed)
			atomic_fetch_add_explicit(&list->refused, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&judge->lock);
	return allowed;
}

/* False when the context is shut down. */
static bool request_receive(void *socket, struct request *request)
{
	int more = 1;
	size_t size = sizeof(more);

	request->count = 0;
	memset(request->frames, 0, sizeof(request->frames));
	while (more) {
		char spare[1], *bytes = spare;
		size_t at = request->count, room = sizeof(spare);
		int len;

		if (at < REQUEST_FRAMES) {
			bytes = request->bytes[at];
			room = sizeof(request->bytes[at]);
		}
		len = zmq_recv(socket, bytes, room, 0);
		if (len < 0 && zmq_errno() == EINTR)
			continue;
		if (len < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) < 0)
			return false;
		if (at < REQUEST_FRAMES)
			request->frames[at] =
			    slice_span(bytes, (size_t)len <= room ? (size_t)len : room);
		request->count++;
	}
	return true;
}

static bool frame_answer(void *socket, struct slice frame, int flags)
{
	int sent;

	do
		sent = zmq_send(socket, frame.data, frame.len, flags);
	while (sent < 0 && zmq_errno() == EINTR);
	return sent >= 0;
}

/* Version, the request's id, status, its text, the user's id, and properties: none. */
static bool request_answer(void *socket, const struct request *request, bool allowed)
{
	const struct slice frames[] = { SLICE("1.0"),
					request->frames[REQUEST_ID],
					slice_of(allowed ? "200" : "400"),
					slice_of(allowed ? "OK" : "This key is not allowed"),
					SLICE(""),
					SLICE("") };
	size_t count = sizeof(frames) / sizeof(frames[0]);

	for (size_t i = 0; i < count; i++)
		if (!frame_answer(socket, frames[i], i + 1 < count ? ZMQ_SNDMORE : 0))
			return false;
	return true;
}

/* Leaves its socket open: when nobody is bound to the judge's address, the library lets all in. */
static void *judge_run(void *argument)
{
	struct curve_judge *judge = argument;
	struct request request;

	while (request_receive(judge->socket, &request))
		if (!request_answer(judge->socket, &request, judge_allows(judge, &request)))
			break;
	return NULL;
}

struct curve_judge *curve_judge_open(void *zmq, FILE *errors)
{
	struct curve_judge *judge = memory_zeroed(1, sizeof(*judge));
	const int none = 0;
	int error = 0;

	judge->socket = zmq_socket(zmq, ZMQ_REP);
	if (!judge->socket || zmq_setsockopt(judge->socket, ZMQ_LINGER, &none, sizeof(none)) < 0 ||
	    zmq_bind(judge->socket, "inproc://zeromq.zap.01") < 0)
		error = zmq_errno();
	pthread_mutex_init(&judge->lock, NULL);
	if (!error)
		error = pthread_create(&judge->thread, NULL, judge_run, judge);
	if (!error)
		return judge;
	fprintf(errors, "dragoman: cannot start ZeroMQ: %s\n", zmq_strerror(error));
	if (judge->socket)
		zmq_close(judge->socket);
	pthread_mutex_destroy(&judge->lock);
	free(judge);
	return NULL;
}

void curve_judge_close(struct curve_judge *judge)
{
	if (!judge)
		return;
	pthread_join(judge->thread, NULL);
	zmq_close(judge->socket);
	while (judge->lists)
		curve_list_remove(judge, judge->lists);
	pthread_mutex_destroy(&judge->lock);
	free(judge);
}
