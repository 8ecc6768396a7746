/* Shows the description that the API makes of itself, where there is a viewer; the page says so where there is none. */
if (window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    url: '/api/openapi.json',
    dom_id: '#reference',
    deepLinking: true,
    filter: true,
    tryItOutEnabled: false,
    persistAuthorization: false,
    defaultModelsExpandDepth: 0,
    docExpansion: 'list',
    validatorUrl: null,
    onComplete: () => { document.getElementById('alone').hidden = true; },
  });
}
