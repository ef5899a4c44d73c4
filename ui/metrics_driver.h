/* MetricsDriver: how MetricsServer answers over HTTP, by libmicrohttpd: the module "microhttpd". */
#pragma once

#include <glib.h>

typedef struct {
  GBytes *(*take_text)(void *data); /* the caller's; by a thread of the library */
  void *data;
} MetricsText;

typedef struct {
  /* Answers on a socket that listens, and becomes its own.  NULL: errno says why it cannot.  What
   * `text` points to must outlive it. */
  void *(*start)(int fd, const MetricsText *text);
  void (*stop)(void *daemon);
} MetricsDriver;
