#include "bridge/secrets/comparer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/core/log/log_limit.h"
#include "codecs/text/memory.h"

#define NICE             5 /* a third of the time of a loop, where both want a core */
#define SECRET_BYTES_MAX (16 << 20)

/* What is asked: the secret follows. It is answered by one byte: a verdict; where there is no hash,
 * by PASSWORD_HASH_BYTES: that of the secret, "" if it cannot be made. */
struct question {
	uint64_t secret_len;
	char hash[PASSWORD_HASH_BYTES];
};

static bool write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool read_all(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = recv(fd, at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

/* ---- who asks ---- */

/* It has the socket, where to write what goes wrong, and no other file of ours. Its environment is
 * ours, too: how the dynamic linker finds the libraries and how the allocator works may be told
 * there, and nothing in it is a secret, nor acts on a process that only compares. 0: an error. */
static pid_t spawn(const char *program, int socket)
{
	char word[] = COMPARER_WORD, name[] = "dragoman";
	char *arguments[] = { name, word, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return 0;
	if (posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) !=
		0 ||
	    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1) != 0 ||
	    posix_spawn(&pid, program, &actions, NULL, arguments, environ) != 0)
		pid = 0;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

void comparer_end(struct comparer *comparer)
{
	if (comparer->pid == 0)
		return;
	close(comparer->fd);
	kill(comparer->pid, SIGKILL);
	while (waitpid(comparer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	comparer->pid = 0;
}

static bool send_question(const struct comparer *comparer, const char *hash, struct slice secret)
{
	struct question question = { .secret_len = secret.data ? secret.len : 0 };

	snprintf(question.hash, sizeof(question.hash), "%s", hash);
	return write_all(comparer->fd, &question, sizeof(question)) &&
	       write_all(comparer->fd, secret.data, question.secret_len);
}

static bool ask(struct comparer *comparer, const char *hash, struct slice secret,
		enum password_verdict *verdict)
{
	unsigned char answer = PASSWORD_UNKNOWN;

	if (!send_question(comparer, hash, secret) ||
	    !read_all(comparer->fd, &answer, sizeof(answer)) || answer > PASSWORD_UNKNOWN)
		return false;
	*verdict = answer;
	return true;
}

/* True: it is there, and said so. */
static bool start(struct comparer *comparer)
{
	unsigned char ready;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	comparer->pid = spawn(comparer->program, ends[1]);
	close(ends[1]);
	comparer->fd = ends[0];
	if (comparer->pid == 0)
		close(comparer->fd);
	else if (!read_all(comparer->fd, &ready, sizeof(ready)))
		comparer_end(comparer);
	return comparer->pid != 0;
}

static void tell_here(void)
{
	log_limited(LOG_SECRETS, LOG_WARNING,
		    "cannot start a process that compares secrets: one is compared in this one, "
		    "which may delay messages");
}

enum password_verdict comparer_ask(struct comparer *comparer, const char *hash, struct slice secret)
{
	enum password_verdict verdict;

	if (!comparer->program)
		return password_compare(hash, secret);
	/* Twice: it may have been killed long ago. But if it is killed for the memory that this
	 * takes, so would the server be. */
	for (unsigned tries = 0; tries < 2; tries++) {
		if (comparer->pid == 0 && !start(comparer)) {
			tell_here();
			return password_compare(hash, secret);
		}
		if (ask(comparer, hash, secret, &verdict))
			return verdict;
		comparer_end(comparer);
	}
	return PASSWORD_UNKNOWN;
}

static bool hash_here(struct slice secret, char hash[PASSWORD_HASH_BYTES])
{
	return password_hash(secret, PASSWORD_MIB, PASSWORD_PASSES, hash);
}

bool comparer_hash(struct comparer *comparer, struct slice secret, char hash[PASSWORD_HASH_BYTES])
{
	if (!comparer->program)
		return hash_here(secret, hash);
	for (unsigned tries = 0; tries < 2; tries++) {
		if (comparer->pid == 0 && !start(comparer)) {
			tell_here();
			return hash_here(secret, hash);
		}
		if (send_question(comparer, "", secret) &&
		    read_all(comparer->fd, hash, PASSWORD_HASH_BYTES) &&
		    !hash[PASSWORD_HASH_BYTES - 1])
			return hash[0] != '\0';
		comparer_end(comparer);
	}
	return false;
}

/* ---- who answers ---- */

static bool answer_hash(struct slice secret)
{
	char hash[PASSWORD_HASH_BYTES] = "";

	if (!password_hash(secret, PASSWORD_MIB, PASSWORD_PASSES, hash))
		hash[0] = '\0';
	hash[PASSWORD_HASH_BYTES - 1] = '\0';
	return write_all(STDIN_FILENO, hash, sizeof(hash));
}

static bool answer_verdict(const char *hash, struct slice secret)
{
	unsigned char verdict = (unsigned char)password_compare(hash, secret);

	return write_all(STDIN_FILENO, &verdict, sizeof(verdict));
}

static bool answer_one(void)
{
	struct question question;
	struct slice text;
	char *secret;
	bool done;

	if (!read_all(STDIN_FILENO, &question, sizeof(question)) ||
	    question.secret_len > SECRET_BYTES_MAX ||
	    !memchr(question.hash, '\0', sizeof(question.hash)))
		return false;
	secret = memory_zeroed(question.secret_len + 1, 1);
	text = slice_span(secret, question.secret_len);
	done = read_all(STDIN_FILENO, secret, question.secret_len) &&
	       (question.hash[0] ? answer_verdict(question.hash, text) : answer_hash(text));
	explicit_bzero(secret, question.secret_len);
	free(secret);
	return done;
}

int comparer_run(void)
{
	/* It ends with the thread that asks; signals are blocked, as they were there. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "secrets");
	prctl(PR_SET_DUMPABLE, 0);
	setpriority(PRIO_PROCESS, 0, NICE);
	if (!password_begin() || !write_all(STDIN_FILENO, "", 1))
		return EXIT_FAILURE;
	while (answer_one())
		;
	return EXIT_SUCCESS;
}
