#include "bridge/secrets/checker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/post.h"
#include "bridge/core/worker.h"
#include "bridge/secrets/comparer.h"
#include "bridge/secrets/proven.h"
#include "codecs/text/memory.h"

struct checker {
	struct bridge *bridge;
	const char *program; /* the bridge's */
	pthread_mutex_t lock;
	pthread_cond_t more, posted;
	struct post *first, **last; /* of struct post_answer: logins that wait */
	size_t waiting;
	size_t threads;
	unsigned posting; /* threads that are about to hand over an answer */
	unsigned users;   /* threads, and who made it: the last frees it */
	bool usable;      /* the library is */
	bool begun, stopped;
	struct proven proven;
};

struct checker *checker_new(struct bridge *bridge)
{
	struct checker *checker = memory_zeroed(1, sizeof(*checker));

	checker->bridge = bridge;
	checker->last = &checker->first;
	pthread_mutex_init(&checker->lock, NULL);
	pthread_cond_init(&checker->more, NULL);
	pthread_cond_init(&checker->posted, NULL);
	checker->users = 1;
	checker->usable = password_begin() && proven_begin(&checker->proven);
	return checker;
}

/* ---- what was found before ---- */

static void mark_of(const struct checker *checker, const char *hash, struct slice secret,
		    unsigned char mark[MARK_BYTES])
{
	password_mark(checker->proven.key, hash, secret, mark);
}

bool checker_knows(struct checker *checker, const struct secret_check *check, struct slice secret)
{
	unsigned char mark[MARK_BYTES];
	bool known;

	mark_of(checker, check->hash, secret, mark);
	pthread_mutex_lock(&checker->lock);
	known = check->account != 0 && proven_has(&checker->proven, mark);
	pthread_mutex_unlock(&checker->lock);
	return known;
}

static void remember(struct checker *checker, const struct login_claim *claim, struct slice secret)
{
	unsigned char mark[MARK_BYTES];

	mark_of(checker, claim->check.hash, secret, mark);
	pthread_mutex_lock(&checker->lock);
	proven_add(&checker->proven, mark);
	pthread_mutex_unlock(&checker->lock);
}

void checker_forget(struct checker *checker)
{
	pthread_mutex_lock(&checker->lock);
	proven_forget(&checker->proven);
	pthread_mutex_unlock(&checker->lock);
}

/* ---- its threads ---- */

/* The room cannot go while it is named here, nor until the mail with the answer is handled. */
static struct room_entry *room_named(const struct post *post)
{
	return ((const struct post_answer *)post)->answer.login->room;
}

static void room_hold(struct room_entry *room)
{
	if (room)
		atomic_fetch_add_explicit(&room->items, 1, memory_order_relaxed);
}

static void room_let_go(struct room_entry *room)
{
	if (room)
		atomic_fetch_sub_explicit(&room->items, 1, memory_order_release);
}

static void compare(struct checker *checker, struct comparer *comparer, struct answer *answer)
{
	struct login_claim *claim = answer->login;
	struct slice secret = slice_span(claim->secret, claim->secret_len);
	enum password_verdict verdict = PASSWORD_RIGHT;

	if (claim->hashes) {
		if (!comparer_hash(comparer, secret, claim->check.hash))
			answer->reason = REASON_BUSY;
		return;
	}
	/* Another connection with the same secret may have been compared meanwhile. */
	if (!checker_knows(checker, &claim->check, secret))
		verdict = comparer_ask(comparer, claim->check.hash, secret);
	claim->check.matches = verdict == PASSWORD_RIGHT && claim->check.account != 0;
	if (verdict == PASSWORD_UNKNOWN)
		answer->reason = REASON_BUSY;
	if (claim->check.matches)
		remember(checker, claim, secret);
}

/* NULL: there is nothing more to do. With the lock, which it gives back while it waits. */
static struct post *next(struct checker *checker)
{
	struct post *post;

	while (!checker->first && !checker->stopped)
		pthread_cond_wait(&checker->more, &checker->lock);
	if (checker->stopped)
		return NULL;
	post = checker->first;
	checker->first = post->next;
	if (!checker->first)
		checker->last = &checker->first;
	checker->waiting--;
	post->next = NULL;
	return post;
}

/* After the end: what would be told of it may be gone. */
static void discard(struct post *post)
{
	((struct post_answer *)post)->answer.login->freed = NULL;
	post_free(post);
}

static void release(struct checker *checker)
{
	bool last;

	pthread_mutex_lock(&checker->lock);
	last = --checker->users == 0;
	pthread_mutex_unlock(&checker->lock);
	if (!last)
		return;
	while (checker->first) {
		struct post *post = checker->first;

		checker->first = post->next;
		discard(post);
	}
	pthread_mutex_destroy(&checker->lock);
	pthread_cond_destroy(&checker->more);
	pthread_cond_destroy(&checker->posted);
	explicit_bzero(&checker->proven, sizeof(checker->proven));
	free(checker);
}

/* With the lock, which it gives back meanwhile. After the end there may be neither mailboxes nor
 * rooms. Takes post. */
static void hand_over(struct checker *checker, struct post *post)
{
	struct room_entry *room = room_named(post);

	if (checker->stopped) {
		discard(post);
		return;
	}
	checker->posting++;
	pthread_mutex_unlock(&checker->lock);
	mailbox_post(&checker->bridge->workers[post->asker.worker]->box, post);
	room_let_go(room);
	pthread_mutex_lock(&checker->lock);
	checker->posting--;
	pthread_cond_signal(&checker->posted);
}

static void *run(void *argument)
{
	struct checker *checker = argument;
	struct comparer comparer = { .program = checker->program };
	struct post *post;

	pthread_setname_np(pthread_self(), "secrets");
	pthread_mutex_lock(&checker->lock);
	while ((post = next(checker))) {
		pthread_mutex_unlock(&checker->lock);
		compare(checker, &comparer, &((struct post_answer *)post)->answer);
		pthread_mutex_lock(&checker->lock);
		hand_over(checker, post);
	}
	pthread_mutex_unlock(&checker->lock);
	comparer_end(&comparer);
	release(checker);
	return NULL;
}

/* One is not waited for at the end: what it compares may take seconds. */
static bool thread_begin(struct checker *checker)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, checker) != 0)
		return false;
	pthread_detach(thread);
	checker->users++;
	return true;
}

/* Half as many as loops, which have the signals blocked, as these have then. If there can be none,
 * the next login tries again. With the lock. */
static void begin(struct checker *checker)
{
	size_t most = (checker->bridge->worker_count + 1) / 2;

	if (checker->begun)
		return;
	checker->program = checker->bridge->program;
	for (size_t i = 0; checker->usable && i < most && i < CHECKER_THREADS_MAX; i++)
		checker->threads += thread_begin(checker);
	checker->begun = checker->threads > 0;
	if (!checker->begun)
		log_limited(LOG_SECRETS, LOG_ERROR,
			    "cannot start a thread: no secret can be compared with a hash");
}

bool checker_take(struct checker *checker, const struct asker *asker, struct login_claim *claim)
{
	struct post_answer *post;
	bool taken;

	pthread_mutex_lock(&checker->lock);
	begin(checker);
	taken = !checker->stopped && checker->threads > 0 && checker->waiting < CHECKER_QUEUE;
	if (taken) {
		post = post_new(POST_ANSWER);
		post->post.asker = *asker;
		post->answer = (struct answer){ .kind = ANSWER_LOGIN, .login = claim };
		room_hold(claim->room);
		*checker->last = &post->post;
		checker->last = &post->post.next;
		checker->waiting++;
		pthread_cond_signal(&checker->more);
	}
	pthread_mutex_unlock(&checker->lock);
	return taken;
}

static bool asks(const struct post *post, const struct asker *asker)
{
	return post->asker.kind == asker->kind && post->asker.worker == asker->worker &&
	       post->asker.slot == asker->slot && post->asker.generation == asker->generation;
}

void checker_drop(struct checker *checker, const struct asker *asker)
{
	struct post **link = &checker->first, *post;

	pthread_mutex_lock(&checker->lock);
	while (*link && !asks(*link, asker))
		link = &(*link)->next;
	post = *link;
	if (post) {
		*link = post->next;
		checker->waiting--;
		if (!*link)
			checker->last = link;
	}
	pthread_mutex_unlock(&checker->lock);
	if (!post)
		return;
	room_let_go(room_named(post));
	post_free(post);
}

/* ---- its end ---- */

void checker_stop(struct checker *checker)
{
	pthread_mutex_lock(&checker->lock);
	checker->stopped = true;
	pthread_cond_broadcast(&checker->more);
	while (checker->posting > 0)
		pthread_cond_wait(&checker->posted, &checker->lock);
	pthread_mutex_unlock(&checker->lock);
}

void checker_free(struct checker *checker)
{
	if (!checker)
		return;
	checker_stop(checker);
	release(checker);
}
