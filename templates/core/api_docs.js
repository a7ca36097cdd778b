"use strict";

// Sends Django's token against forged requests along with calls that the session signs in.
const csrfToken = () => {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("kindred_csrf="));
  return cookie === undefined ? "" : cookie.split("=")[1];
};

// Swagger UI has a dark look but does not choose it; and its tables do not fit a phone.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  body { margin: 0; }
  .swagger-ui .info { margin: 32px 0 16px; }
  .swagger-ui .scheme-container { padding: 16px 0; box-shadow: none; background: none; }
  .swagger-ui .opblock .opblock-summary-path { flex-shrink: 0; max-width: 55%; }
  .swagger-ui .response-col_description__inner div.markdown li { margin: 2px 0; }
  .swagger-ui .renderedMarkdown p, .swagger-ui .renderedMarkdown li { overflow-wrap: anywhere; }
  .swagger-ui table.headers { overflow-wrap: anywhere; }
  @media (width < 640px) {
    .swagger-ui .opblock .opblock-summary-path { max-width: none; flex-shrink: 1; }
    .swagger-ui .opblock .opblock-summary-description { display: none; }
    .swagger-ui .opblock-tag small { display: none; }
    .swagger-ui .parameters-col_description input, .swagger-ui .parameters-col_description select,
    .swagger-ui .parameters-col_description textarea { max-width: 100%; width: 100%; }
    .swagger-ui .table-container, .swagger-ui .responses-inner { padding: 10px; overflow-x: auto; }
    .swagger-ui table tbody tr td:first-of-type { min-width: 3.5em; max-width: none; }
    .swagger-ui .response-col_links { display: none; }
    .swagger-ui .highlight-code > .microlight, .swagger-ui .opblock-body pre { max-width: 75vw; }
  }
`);
document.adoptedStyleSheets.push(sheet);

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
