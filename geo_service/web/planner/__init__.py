"""The planner's page at `/`: which communities do not have a service, and where people of a group are.

```text
state        what the URL asks for, checked; and the URL of anything else that can be asked
words        every word of the page, in each language
communities  the communities of a question: searched, sorted, a page of them
units        the totals by region or district
choices      what the form offers
downloads    links to the API for everything that is shown
map_file     the map as one HTML file that needs no internet
view         all of it as values of the template
router       the page itself
```
"""
