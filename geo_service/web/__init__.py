"""What people see in a browser: the planner's page, signing in, and uploads. Templates and static files lie beside the modules.

```text
app          create_app(settings): the API of `geo_service.api` with these pages
```
"""
