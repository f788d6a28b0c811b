/* log_stream.h - the log as a stream, for those who tell what is wrong line by line. */
#ifndef BRIDGE_CORE_LOG_LOG_STREAM_H
#define BRIDGE_CORE_LOG_LOG_STREAM_H

#include <stdio.h>

/* Each line that is written to it is an error in the log, with its time. Returns new; fclose() it.
 * Called where a configuration is read while the server runs. */
FILE *log_stream(void);

#endif
