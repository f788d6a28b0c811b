#include "bridge/dial/carrier.h"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

#define KEPT_CONNECTIONS 64
#define WAIT_MS          60000
#define GRACE_MS         50 /* the job's own deadline comes first */

_Static_assert(JOB_WHY_MAX >= CURL_ERROR_SIZE, "curl writes as much");

struct carrier {
	const char *name;
	unsigned most, group_most;
	CURLM *multi; /* NULL: the thread was not needed yet, or cannot be had */
	pthread_t thread;
	pthread_mutex_t lock;
	struct job *given, **given_last; /* with the lock */
	bool started, stopped;           /* with the lock */
	/* The thread's. */
	struct job *jobs, **last; /* in the order they came */
	unsigned running;
	struct curl_waitfd *fds;
	unsigned fd_room;
};

void job_init(struct job *job, const struct job_ops *ops)
{
	job->ops = ops;
	job->fd = -1;
	atomic_init(&job->holders, 2);
	atomic_init(&job->cancelled, false);
}

void job_release(struct job *job)
{
	if (job && atomic_fetch_sub_explicit(&job->holders, 1, memory_order_acq_rel) == 1)
		job->ops->free(job);
}

/* ---- one job ---- */

/* A process that is started meanwhile must not have it. */
static curl_socket_t open_socket(void *unused, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)unused;
	(void)purpose;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static long time_left(const struct job *job)
{
	uint64_t now_ms = clock_steady_ms();

	return job->deadline_ms > now_ms ? (long)(job->deadline_ms - now_ms) : 0;
}

static void set_usual(struct job *job)
{
	curl_easy_setopt(job->easy, CURLOPT_PRIVATE, job);
	curl_easy_setopt(job->easy, CURLOPT_ERRORBUFFER, job->why);
	curl_easy_setopt(job->easy, CURLOPT_NOSIGNAL, 1L);
	/* A look-up that hangs is left to itself. */
	curl_easy_setopt(job->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(job->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(job->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(job->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(job->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* By it curl judges how long to try one of several addresses. */
	curl_easy_setopt(job->easy, CURLOPT_CONNECTTIMEOUT_MS, time_left(job) + GRACE_MS);
	curl_easy_setopt(job->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

static void easy_end(struct carrier *carrier, struct job *job)
{
	if (!job->easy)
		return;
	curl_multi_remove_handle(carrier->multi, job->easy);
	curl_easy_cleanup(job->easy);
	job->easy = NULL;
}

static bool easy_begin(struct carrier *carrier, struct job *job)
{
	job->easy = curl_easy_init();
	if (!job->easy) {
		snprintf(job->why, sizeof(job->why), "libcurl cannot begin");
		return false;
	}
	set_usual(job);
	if (!job->ops->begin(job))
		return false;
	if (curl_multi_add_handle(carrier->multi, job->easy) == CURLM_OK)
		return true;
	snprintf(job->why, sizeof(job->why), "libcurl cannot begin");
	return false;
}

/* At *link. told: who wants it is. */
static void job_end(struct carrier *carrier, struct job **link, bool told)
{
	struct job *job = *link;

	*link = job->next;
	if (!job->next)
		carrier->last = link;
	job->next = NULL;
	easy_end(carrier, job);
	carrier->running -= job->runs;
	if (told)
		job->ops->report(job);
	else
		job_release(job);
}

static struct job **link_of(struct carrier *carrier, const struct job *job)
{
	struct job **link = &carrier->jobs;

	while (*link != job)
		link = &(*link)->next;
	return link;
}

/* ---- what there is to do ---- */

/* Those of which no more may begin: many wait of each, and are not to be counted for each that
 * waits. Of more than this many groups, the others are counted again. */
struct full {
	uint64_t groups[32];
	unsigned count;
};

static bool full_has(const struct full *full, uint64_t group)
{
	for (unsigned i = 0; i < full->count; i++)
		if (full->groups[i] == group)
			return true;
	return false;
}

static void full_add(struct full *full, uint64_t group)
{
	if (full->count < sizeof(full->groups) / sizeof(full->groups[0]))
		full->groups[full->count++] = group;
}

static bool group_is_full(const struct carrier *carrier, uint64_t group)
{
	unsigned running = 0;

	for (const struct job *job = carrier->jobs; job; job = job->next)
		running += job->runs && job->group == group;
	return running >= carrier->group_most;
}

static void start(struct carrier *carrier, struct job **link)
{
	struct job *job = *link;

	job->runs = true;
	carrier->running++;
	if (!easy_begin(carrier, job))
		job_end(carrier, link, true);
}

static void start_all(struct carrier *carrier)
{
	struct job **link = &carrier->jobs;
	struct full full = { .count = 0 };

	while (*link && carrier->running < carrier->most) {
		struct job *job = *link;

		if (!job->runs && !full_has(&full, job->group)) {
			if (group_is_full(carrier, job->group))
				full_add(&full, job->group);
			else
				start(carrier, link);
		}
		if (*link == job)
			link = &job->next;
	}
}

static void drop_cancelled(struct carrier *carrier)
{
	struct job **link = &carrier->jobs;

	while (*link)
		if (atomic_load_explicit(&(*link)->cancelled, memory_order_relaxed))
			job_end(carrier, link, false);
		else
			link = &(*link)->next;
}

static void hear(struct carrier *carrier)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(carrier->multi, &left))) {
		char *private = NULL;
		struct job *job;
		bool more;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		job = (struct job *)(void *)private;
		more = job->ops->carried(job, (int)message->data.result);
		easy_end(carrier, job);
		if (!more)
			job_end(carrier, link_of(carrier, job), true);
	}
}

static void expire(struct carrier *carrier, uint64_t now_ms)
{
	struct job **link = &carrier->jobs;

	while (*link) {
		struct job *job = *link;

		if (job->deadline_ms > now_ms) {
			link = &job->next;
			continue;
		}
		job->ops->expired(job);
		job_end(carrier, link, true);
	}
}

/* ---- the wait ---- */

static unsigned collect(struct carrier *carrier)
{
	unsigned count = 0;

	for (struct job *job = carrier->jobs; job; job = job->next) {
		if (!job->runs || job->easy)
			continue;
		if (count == carrier->fd_room) {
			carrier->fd_room = carrier->fd_room ? carrier->fd_room * 2 : 16;
			carrier->fds =
			    memory_resize(carrier->fds, carrier->fd_room * sizeof(*carrier->fds));
		}
		carrier->fds[count++] =
		    (struct curl_waitfd){ .fd = job->fd,
					  .events = job->wants & POLLIN ? CURL_WAIT_POLLIN
									: CURL_WAIT_POLLOUT };
	}
	return count;
}

/* Those that collect() found, in its order. */
static void tell_ready(struct carrier *carrier)
{
	struct job **link = &carrier->jobs;
	unsigned at = 0;

	while (*link) {
		struct job *job = *link;

		if (job->runs && !job->easy && carrier->fds[at++].revents && !job->ops->ready(job))
			job_end(carrier, link, true);
		else
			link = &job->next;
	}
}

static int patience(const struct carrier *carrier, uint64_t now_ms)
{
	uint64_t least = now_ms + WAIT_MS;

	for (const struct job *job = carrier->jobs; job; job = job->next)
		if (job->deadline_ms < least)
			least = job->deadline_ms;
	return least > now_ms ? (int)(least - now_ms) : 0;
}

/* False: the end. */
static bool take_given(struct carrier *carrier)
{
	struct job *given;
	bool stopped;

	pthread_mutex_lock(&carrier->lock);
	given = carrier->given;
	carrier->given = NULL;
	*carrier->last = given;
	if (given)
		carrier->last = carrier->given_last;
	carrier->given_last = &carrier->given;
	stopped = carrier->stopped;
	pthread_mutex_unlock(&carrier->lock);
	return !stopped;
}

static void *run(void *data)
{
	struct carrier *carrier = data;
	int left;

	pthread_setname_np(pthread_self(), carrier->name);
	while (take_given(carrier)) {
		unsigned count;

		drop_cancelled(carrier);
		start_all(carrier);
		curl_multi_perform(carrier->multi, &left);
		hear(carrier);
		expire(carrier, clock_steady_ms());
		start_all(carrier);
		count = collect(carrier);
		curl_multi_poll(carrier->multi, carrier->fds, count,
				patience(carrier, clock_steady_ms()), NULL);
		tell_ready(carrier);
	}
	return NULL;
}

/* ---- its life ---- */

struct carrier *carrier_new(const char *name, unsigned most, unsigned group_most)
{
	struct carrier *carrier = memory_zeroed(1, sizeof(*carrier));

	carrier->name = name;
	carrier->most = most;
	carrier->group_most = group_most;
	carrier->last = &carrier->jobs;
	carrier->given_last = &carrier->given;
	pthread_mutex_init(&carrier->lock, NULL);
	return carrier;
}

/* With the lock. */
static bool begin(struct carrier *carrier)
{
	sigset_t all, before;

	if (carrier->started)
		return true;
	if (!carrier->multi)
		carrier->multi = curl_multi_init();
	if (!carrier->multi)
		return false;
	curl_multi_setopt(carrier->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(carrier->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	carrier->started = pthread_create(&carrier->thread, NULL, run, carrier) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return carrier->started;
}

void carrier_take(struct carrier *carrier, struct job *job)
{
	bool begun;

	job->next = NULL;
	pthread_mutex_lock(&carrier->lock);
	begun = begin(carrier);
	if (begun) {
		*carrier->given_last = job;
		carrier->given_last = &job->next;
		curl_multi_wakeup(carrier->multi);
	}
	pthread_mutex_unlock(&carrier->lock);
	if (begun)
		return;
	snprintf(job->why, sizeof(job->why), "cannot start a thread");
	job->ops->report(job);
}

void carrier_wake(struct carrier *carrier)
{
	pthread_mutex_lock(&carrier->lock);
	if (carrier->started)
		curl_multi_wakeup(carrier->multi);
	pthread_mutex_unlock(&carrier->lock);
}

static void stop(struct carrier *carrier)
{
	pthread_mutex_lock(&carrier->lock);
	carrier->stopped = true;
	pthread_mutex_unlock(&carrier->lock);
	carrier_wake(carrier);
	if (carrier->started)
		pthread_join(carrier->thread, NULL);
}

void carrier_free(struct carrier *carrier)
{
	if (!carrier)
		return;
	stop(carrier);
	take_given(carrier);
	while (carrier->jobs)
		job_end(carrier, &carrier->jobs, false);
	if (carrier->multi)
		curl_multi_cleanup(carrier->multi);
	pthread_mutex_destroy(&carrier->lock);
	free(carrier->fds);
	free(carrier);
}
