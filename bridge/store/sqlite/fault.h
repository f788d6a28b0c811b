/* fault.h - why the database could not be read or written. */
#ifndef BRIDGE_STORE_SQLITE_FAULT_H
#define BRIDGE_STORE_SQLITE_FAULT_H

struct sqlite3;

/* Why something could not be read or written. */
enum fault {
	FAULT_NONE,
	FAULT_FULL,      /* the disk is, or a quota */
	FAULT_READ_ONLY, /* the file, its folder, or where it is mounted */
	FAULT_IO,        /* the disk fails; or it is busy with another process's work */
	FAULT_CORRUPT,   /* the file is damaged */
	FAULT_RECORD,    /* what was to be written makes no sense: an id that is there already */
	FAULTS
};

/* "disk full" ...; constant. */
const char *fault_name(enum fault fault);

/* What the last call of the connection failed of. Its thread. */
enum fault fault_now(struct sqlite3 *sqlite);

#endif
