#include "capture/http_client.h"

#include "capture/http_driver.h"
#include "capture/module.h"

struct HttpClient {
  const HttpDriver *driver;
  void *client;
};

static const HttpDriver *load(void)
{
  return module_load("curl");
}

const char *http_client_library(void)
{
  return load() ? "libcurl" : NULL;
}

HttpClient *http_client_new(const HttpOptions *options)
{
  const HttpDriver *driver = load();

  if (!driver)
    return NULL;
  HttpClient *http = g_new(HttpClient, 1);
  *http = (HttpClient){driver, driver->new (options)};
  return http;
}

void http_client_free(HttpClient *http)
{
  if (!http)
    return;
  http->driver->free(http->client);
  g_free(http);
}

void http_client_post(HttpClient *http, const char *url, Slice body)
{
  http->driver->post(http->client, url, body);
}

void http_client_set_take(HttpClient *http, HttpTake take, void *data)
{
  http->driver->set_take(http->client, take, data);
}

bool http_client_step(HttpClient *http, int wait_ms, HttpAnswer *ret_answer)
{
  return http->driver->step(http->client, wait_ms, ret_answer);
}

void http_client_wake(HttpClient *http)
{
  http->driver->wake(http->client);
}
