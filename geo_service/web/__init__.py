"""What people see in a browser: the planner's page, signing in, and uploads. Templates and static files lie beside the modules.

```text
app            create_app(settings): the API of `geo_service.api` with these pages
planner/       the page at `/`: communities and households by service, groups by unit, a map and a table that follow each other
sign_in        signing in with a token, and out
uploads/       forms that send a round or a layer, and its findings in a table
account        who is signed in, for the head of each page
problem_pages  problems in words, for whoever looks at a page
```
"""
