#include "bridge/backend/context.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <zmq.h>

#include "bridge/backend/curve.h"
#include "codecs/text/memory.h"

#ifdef __SANITIZE_THREAD__
/* The library's atomic operations are not instrumented, so every message that goes from thread to
 * thread in it looks like a race. */
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
	return "race:libzmq.so\n";
}
#endif

struct opening {
	struct socket_context *context;
	FILE *errors;
};

static void *zmq_open(FILE *errors)
{
	void *zmq = zmq_ctx_new();

	if (zmq && zmq_ctx_set(zmq, ZMQ_IO_THREADS, 1) == 0)
		return zmq;
	fprintf(errors, "dragoman: cannot start ZeroMQ: %s\n", zmq_strerror(zmq_errno()));
	if (zmq)
		zmq_ctx_term(zmq);
	return NULL;
}

/* The library starts its threads with its first socket, the judge's. They inherit how nice this one
 * is, which the system may refuse to nobody; and a thread cannot take it back, so it has only this
 * to do. */
static void *open_nicely(void *data)
{
	struct opening *opening = data;
	struct socket_context *context = opening->context;

	(void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + CONTEXT_NICE);
	context->zmq = zmq_open(opening->errors);
	if (context->zmq)
		context->judge = curve_judge_open(context->zmq, opening->errors);
	return NULL;
}

static void run_beside(void *(*work)(void *), struct opening *opening)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, work, opening);

	if (error)
		fprintf(opening->errors, "dragoman: cannot start a thread: %s\n", strerror(error));
	else
		pthread_join(thread, NULL);
}

struct socket_context *socket_context_open(FILE *errors)
{
	struct socket_context *context = memory_zeroed(1, sizeof(*context));
	struct opening opening = { context, errors };
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	run_beside(open_nicely, &opening);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (context->judge)
		return context;
	socket_context_close(context);
	return NULL;
}

void socket_context_close(struct socket_context *context)
{
	if (!context)
		return;
	if (context->zmq)
		zmq_ctx_shutdown(context->zmq);
	curve_judge_close(context->judge);
	if (context->zmq)
		while (zmq_ctx_term(context->zmq) < 0 && zmq_errno() == EINTR)
			continue;
	free(context);
}
