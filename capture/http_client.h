/*
 * HttpClient: posts bodies to servers over HTTP or TLS (libcurl), one after the other over
 * connections that are kept, and gets answers.  Without libcurl there is none.
 *
 * One thread posts and takes steps; http_client_wake may be called by others.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "capture/slice.h"

enum { HTTP_ANSWER_MAX = 1024 * 1024 }; /* bytes of an answer; longer ones fail */

typedef struct {
  const char *user, *password;
  const char *authorities; /* PEM, of the servers' certificates; NULL: those of the system */
} HttpOptions;

typedef struct {
  unsigned status;   /* of HTTP; 0: there was no answer */
  Slice body;        /* valid until the next post */
  const char *fault; /* why there was no answer, as the next; else NULL */
} HttpAnswer;

/* Gets bytes of an answer; false: it is not wanted any more. */
typedef bool (*HttpTake)(void *data, Slice bytes);

typedef struct HttpClient HttpClient;

/* "libcurl"; NULL: there is no client. */
const char *http_client_library(void);

/* Before other threads are started.  What `options` point to must outlive it.  NULL without the
 * library. */
HttpClient *http_client_new(const HttpOptions *options);
void http_client_free(HttpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpClient, http_client_free)

/* Begins a request; the body must stay until its answer came. */
void http_client_post(HttpClient *client, const char *url, Slice body);

/* From the next request on, bytes of an answer with status 200 go there, however many, instead of
 * into HttpAnswer.body; NULL: as at first. */
void http_client_set_take(HttpClient *client, HttpTake take, void *data);

/* Waits at most so long; true once the answer came. */
G_GNUC_WARN_UNUSED_RESULT bool http_client_step(HttpClient *client, int wait_ms,
                                                HttpAnswer *ret_answer);

/* Ends the wait of http_client_step; NULL: there is none. */
void http_client_wake(HttpClient *client);
