/* subject.h - whom a request acts on. For judge.c only. */
#ifndef ROUTES_ROOM_SUBJECT_H
#define ROUTES_ROOM_SUBJECT_H

#include "routes/room/apply.h"

enum whom {
	WHOM_NOBODY,
	WHOM_AS_SAID,   /* the bridge knows */
	WHOM_ADDRESSEE, /* if FLAG_PRIVATE: a member; else nobody */
	WHOM_ANYBODY,   /* a member, or an outsider by number */
	WHOM_MEMBER,    /* a member, of lower standing; or who is not here, where something is kept
			 * of them, or is to be */
	WHOM_AUTHOR     /* the same, or the writer of a remembered message */
};

/* Completes the request's subject, and finds the member that it is. False: it is nobody whom such a
 * request can be about. */
bool subject_find(struct request *request, enum whom whom) __attribute__((warn_unused_result));

#endif
