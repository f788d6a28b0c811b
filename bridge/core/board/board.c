#include "bridge/core/board/board.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct board {
	pthread_mutex_t mutex; /* of all that follows */
	char *text;            /* NULL: none */
	uint64_t read_ms;      /* 0: never */
};

struct board *board_new(void)
{
	struct board *board = memory_zeroed(1, sizeof(*board));

	pthread_mutex_init(&board->mutex, NULL);
	return board;
}

void board_free(struct board *board)
{
	if (!board)
		return;
	pthread_mutex_destroy(&board->mutex);
	free(board->text);
	free(board);
}

static bool is_wanted(const struct board *board, uint64_t now_ms)
{
	return board->read_ms && now_ms < board->read_ms + BOARD_WANTED_MS;
}

void board_write(struct board *board, char *text)
{
	char *before;

	pthread_mutex_lock(&board->mutex);
	before = board->text;
	board->text = text;
	pthread_mutex_unlock(&board->mutex);
	free(before);
}

char *board_read(struct board *board, uint64_t now_ms)
{
	char *text = NULL;

	pthread_mutex_lock(&board->mutex);
	if (board->text && is_wanted(board, now_ms))
		text = memory_text(board->text, strlen(board->text));
	if (now_ms > board->read_ms)
		board->read_ms = now_ms;
	pthread_mutex_unlock(&board->mutex);
	return text;
}

bool board_is_wanted(struct board *board, uint64_t now_ms)
{
	bool wanted;

	pthread_mutex_lock(&board->mutex);
	wanted = is_wanted(board, now_ms);
	pthread_mutex_unlock(&board->mutex);
	return wanted;
}
