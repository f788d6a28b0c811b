#include "bridge/dial/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/post.h"
#include "codecs/text/memory.h"

/* For so long what was read of a file of certificates is believed, s. */
#define TRUST_S 60L

/* A connection that nothing was asked of for so long is not used again, s: servers often close it
 * by then. */
#define KEPT_S 60L

static struct fetch *fetch_of(struct job *job)
{
	return (struct fetch *)(void *)job;
}

/* ---- what curl asks for ---- */

static size_t take_answer(char *bytes, size_t one, size_t len, void *data)
{
	struct fetch *fetch = data;

	(void)one;
	if (len > fetch->answer_max - fetch->answer_len) {
		fetch->too_long = true;
		return 0;
	}
	if (len > fetch->answer_room - fetch->answer_len) {
		fetch->answer_room = (fetch->answer_len + len) * 2;
		fetch->answer = memory_resize(fetch->answer, fetch->answer_room);
	}
	memcpy(fetch->answer + fetch->answer_len, bytes, len);
	fetch->answer_len += len;
	return len;
}

/* It cannot be read twice: else curl would ask a second time when a connection that was kept ends
 * without an answer, and what is to happen once would happen twice. */
static size_t give_body(char *bytes, size_t one, size_t len, void *data)
{
	struct fetch *fetch = data;
	size_t left = fetch->body_len - fetch->body_at;

	len *= one;
	if (len > left)
		len = left;
	memcpy(bytes, fetch->body + fetch->body_at, len);
	fetch->body_at += len;
	return len;
}

/* ---- one job ---- */

static void header_add(struct fetch *fetch, const char *name, const char *value)
{
	struct curl_slist *list;
	char *line;

	if (!value)
		return;
	if (asprintf(&line, "%s: %s", name, value) < 0)
		abort();
	list = curl_slist_append(fetch->headers, line);
	explicit_bzero(line, strlen(line));
	free(line);
	if (!list)
		abort();
	fetch->headers = list;
}

static void set_body(struct fetch *fetch)
{
	CURL *easy = fetch->job.easy;
	bool sends = fetch->body_len > 0 || strcmp(fetch->method, "POST") == 0 ||
		     strcmp(fetch->method, "PUT") == 0 || strcmp(fetch->method, "PATCH") == 0;

	curl_easy_setopt(easy, CURLOPT_NOBODY, strcmp(fetch->method, "HEAD") == 0 ? 1L : 0L);
	if (sends) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fetch->body_len);
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(easy, CURLOPT_READDATA, fetch);
		/* For the same reason. */
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fetch->body_len > 0 ? 0L : 1L);
		header_add(fetch, "Content-Type", fetch->body_len > 0 ? "application/json" : "");
		header_add(fetch, "Expect", "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, fetch->method);
}

static bool fetch_begin(struct job *job)
{
	struct fetch *fetch = fetch_of(job);
	CURL *easy = job->easy;

	curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
	curl_easy_setopt(easy, CURLOPT_PROXY, fetch->proxy ? fetch->proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "dragoman/" DRAGOMAN_VERSION);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, TRUST_S);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, KEPT_S);
	if (fetch->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->ca_file);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	set_body(fetch);
	header_add(fetch, "Accept", "application/json");
	header_add(fetch, "Authorization", fetch->authorization);
	header_add(fetch, "Dragoman-Instance", fetch->instance);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers);
	return true;
}

static void say(struct fetch *fetch, const char *text)
{
	snprintf(fetch->job.why, sizeof(fetch->job.why), "%s", text);
}

static void explain(struct fetch *fetch, CURLcode code)
{
	long number = 0;

	curl_easy_getinfo(fetch->job.easy, CURLINFO_OS_ERRNO, &number);
	if (fetch->too_long)
		say(fetch, "the answer is too long");
	else if (code == CURLE_SEND_FAIL_REWIND)
		say(fetch, "the connection was closed without an answer");
	else if (code ==
		 CURLE_OUT_OF_MEMORY) /* so it calls a line of a head that it does not take */
		say(fetch, "a header is too long");
	else if (code == CURLE_COULDNT_CONNECT && number != 0)
		snprintf(fetch->job.why, sizeof(fetch->job.why), "cannot connect: %s",
			 strerror((int)number));
	else if (!fetch->job.why[0])
		say(fetch, curl_easy_strerror(code));
}

/* RFC 8288: it may say so in several headers, and without quotation marks. */
static bool has_next(CURL *easy)
{
	struct curl_header *link;

	for (size_t i = 0; curl_easy_header(easy, "Link", i, CURLH_HEADER, -1, &link) == CURLHE_OK;
	     i++)
		if (strcasestr(link->value, "rel=\"next\"") || strcasestr(link->value, "rel=next"))
			return true;
	return false;
}

static bool fetch_carried(struct job *job, int code)
{
	struct fetch *fetch = fetch_of(job);
	curl_off_t retry_after = 0;
	long status = 0;

	if (code != CURLE_OK) {
		explain(fetch, (CURLcode)code);
		return false;
	}
	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(job->easy, CURLINFO_RETRY_AFTER, &retry_after);
	fetch->status = (unsigned)status;
	fetch->more = has_next(job->easy);
	if (retry_after > 0)
		fetch->retry_after_s =
		    retry_after > UINT32_MAX ? UINT32_MAX : (uint32_t)retry_after;
	if (status == 0)
		say(fetch, "the answer is not of HTTP");
	return false;
}

static void fetch_expired(struct job *job)
{
	struct fetch *fetch = fetch_of(job);
	curl_off_t connected = 0;

	if (job->easy)
		curl_easy_getinfo(job->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
	if (!job->runs)
		say(fetch, "others are asked before it: its time was over before it began");
	else
		say(fetch, connected ? "no answer in time" : "no connection in time");
}

static void report(struct job *job)
{
	struct fetch *fetch = fetch_of(job);
	struct post_dialed *post = post_new(POST_FETCHED);

	post->job = job;
	post->release = job_release;
	mailbox_post(fetch->box, &post->post);
}

void fetch_report(struct fetch *fetch)
{
	report(&fetch->job);
}

static void fetch_free(struct job *job)
{
	struct fetch *fetch = fetch_of(job);

	if (fetch->authorization)
		explicit_bzero(fetch->authorization, strlen(fetch->authorization));
	curl_slist_free_all(fetch->headers);
	free(fetch->method);
	free(fetch->url);
	free(fetch->authorization);
	free(fetch->instance);
	free(fetch->ca_file);
	free(fetch->proxy);
	free(fetch->body);
	free(fetch->answer);
	free(fetch);
}

static const struct job_ops ops = { .begin = fetch_begin,
				    .carried = fetch_carried,
				    .expired = fetch_expired,
				    .report = report,
				    .free = fetch_free };

struct fetch *fetch_new(struct mailbox *box)
{
	struct fetch *fetch = memory_zeroed(1, sizeof(*fetch));

	job_init(&fetch->job, &ops);
	fetch->box = box;
	return fetch;
}
