/* HttpDriver: what HttpClient is made of, with a client as libcurl has it: the module "curl". */
#pragma once

#include "capture/http_client.h"

typedef struct {
  void *(*new)(const HttpOptions *options);
  void (*free)(void *client);
  void (*post)(void *client, const char *url, Slice body);
  void (*set_take)(void *client, HttpTake take, void *data);
  bool (*step)(void *client, int wait_ms, HttpAnswer *ret_answer);
  void (*wake)(void *client);
} HttpDriver;
