// Shows the OpenAPI document. A file of its own: no page of Løft holds a script in itself.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
});
