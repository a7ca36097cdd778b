"use strict";

// Sends Django's token against forged requests along with calls that the session signs in.
const csrfToken = () => {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("kindred_csrf="));
  return cookie === undefined ? "" : cookie.split("=")[1];
};

SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: (request) => {
    if (request.method !== undefined && request.method !== "GET") {
      request.headers["{{ csrf_header_name|escapejs }}"] = csrfToken();
    }
    return request;
  },
});
