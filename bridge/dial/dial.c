#include "bridge/dial/dial.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/core/post.h"
#include "bridge/dial/secure.h"
#include "codecs/text/memory.h"

/* A peer that is gone without a word is noticed by this, whether something is said or not. */
#define UNACKNOWLEDGED_MS 30000
#define KEEPALIVE_IDLE_S  60
#define KEEPALIVE_EACH_S  15

/* curl is only to connect, and what it reads is an answer of a proxy's. */
#define BUFFER_BYTES 1024L

static struct dial *dial_of(struct job *job)
{
	return (struct dial *)(void *)job;
}

static void say(struct dial *dial, const char *text)
{
	snprintf(dial->job.why, sizeof(dial->job.why), "%s", text);
}

static bool dial_begin(struct job *job)
{
	struct dial *dial = dial_of(job);
	bool numeric6 = strchr(dial->host, ':') != NULL;
	char *url;

	if (asprintf(&url, "http://%s%s%s:%u/", numeric6 ? "[" : "", dial->host,
		     numeric6 ? "]" : "", dial->port) < 0)
		abort();
	curl_easy_setopt(job->easy, CURLOPT_URL, url);
	free(url);
	curl_easy_setopt(job->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(job->easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	/* Set, so that nothing of the environment is used. */
	curl_easy_setopt(job->easy, CURLOPT_PROXY, dial->proxy ? dial->proxy : "");
	curl_easy_setopt(job->easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(job->easy, CURLOPT_HTTPPROXYTUNNEL, dial->proxy ? 1L : 0L);
	curl_easy_setopt(job->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(job->easy, CURLOPT_USERAGENT, "dragoman/" DRAGOMAN_VERSION);
	return true;
}

static void set_number(int fd, int level, int option, int number)
{
	setsockopt(fd, level, option, &number, sizeof(number));
}

static bool socket_take(struct dial *dial)
{
	curl_socket_t socket = CURL_SOCKET_BAD;

	curl_easy_getinfo(dial->job.easy, CURLINFO_ACTIVESOCKET, &socket);
	if (socket != CURL_SOCKET_BAD)
		dial->job.fd = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	if (dial->job.fd < 0)
		return false;
	fcntl(dial->job.fd, F_SETFL, fcntl(dial->job.fd, F_GETFL) | O_NONBLOCK);
	set_number(dial->job.fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_number(dial->job.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_number(dial->job.fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_number(dial->job.fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_EACH_S);
	set_number(dial->job.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
	return true;
}

static void drop(struct dial *dial)
{
	secure_free(dial->tls);
	dial->tls = NULL;
	if (dial->job.fd >= 0)
		close(dial->job.fd);
	dial->job.fd = -1;
}

/* True: it waits. */
static bool dial_ready(struct job *job)
{
	struct dial *dial = dial_of(job);

	switch (secure_greet(dial->tls, &job->wants, job->why, sizeof(job->why))) {
	case SECURE_WAITS: return true;
	case SECURE_DONE: break;
	case SECURE_FAILED: drop(dial); break;
	}
	return false;
}

/* Where curl says that a connection cannot be made, what the system says is more exact. */
static void explain(struct dial *dial, CURLcode code)
{
	long number = 0;

	curl_easy_getinfo(dial->job.easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT && number != 0)
		snprintf(dial->job.why, sizeof(dial->job.why), "cannot connect to %.200s: %s",
			 dial->proxy ? dial->proxy : dial->host, strerror((int)number));
	else if (!dial->job.why[0])
		say(dial, curl_easy_strerror(code));
}

static bool dial_carried(struct job *job, int code)
{
	struct dial *dial = dial_of(job);

	if (code != CURLE_OK) {
		explain(dial, (CURLcode)code);
		return false;
	}
	if (!socket_take(dial)) {
		say(dial, "no descriptor is left for a connection");
		return false;
	}
	job->why[0] = '\0';
	if (!dial->secure)
		return false;
	dial->tls =
	    secure_new(dial->trust, dial->ca_file, dial->host, job->fd, job->why, sizeof(job->why));
	if (dial->tls)
		return dial_ready(job);
	drop(dial);
	return false;
}

static void dial_expired(struct job *job)
{
	struct dial *dial = dial_of(job);
	curl_off_t looked_up = 0;

	if (job->easy)
		curl_easy_getinfo(job->easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
	if (!job->runs)
		say(dial, "others are being connected to: its time was over before it began");
	else if (!job->easy)
		say(dial, "TLS: no handshake in time");
	else if (looked_up == 0)
		snprintf(job->why, sizeof(job->why), "no address of %.200s was found in time",
			 dial->host);
	else
		snprintf(job->why, sizeof(job->why), "no connection to %.200s in time",
			 dial->proxy ? dial->proxy : dial->host);
	drop(dial);
}

static void report(struct job *job)
{
	struct dial *dial = dial_of(job);
	struct post_dialed *post = post_new(POST_DIALED);

	post->job = job;
	post->release = job_release;
	mailbox_post(dial->box, &post->post);
}

void dial_report(struct dial *dial)
{
	report(&dial->job);
}

static void dial_free(struct job *job)
{
	struct dial *dial = dial_of(job);

	drop(dial);
	free(dial->host);
	free(dial->ca_file);
	free(dial->proxy);
	free(dial);
}

static const struct job_ops ops = { .begin = dial_begin,
				    .carried = dial_carried,
				    .ready = dial_ready,
				    .expired = dial_expired,
				    .report = report,
				    .free = dial_free };

static char *copy(const char *text)
{
	return text ? memory_text(text, strlen(text)) : NULL;
}

struct dial *dial_new(struct mailbox *box, const struct call_url *url, const char *ca_file,
		      const char *proxy)
{
	struct dial *dial = memory_zeroed(1, sizeof(*dial));

	job_init(&dial->job, &ops);
	dial->box = box;
	dial->secure = url->secure;
	dial->port = url->port;
	dial->host = memory_text(url->host.data, url->host.len);
	dial->ca_file = copy(ca_file);
	dial->proxy = copy(proxy);
	return dial;
}
