"""Odoo's external API, so that existing clients (OdooRPC, odooly, plain XML-RPC) work unchanged.

    routes.rules()            the URLs, mounted by the web application
      -> xml, json, json2     read a request of one protocol, write its answer
      -> services             common, object and db, as both RPC protocols call them
      -> session              what web clients call: sign in, call_kw, sign out
      -> unit                 one call = one authenticated unit of work, retried whole
      -> dispatch             finds the public method, calls it on the records, turns the result into plain values
      -> wire, faults         values and errors as they travel

Numbers travel as numbers and arrive exact; dates as "YYYY-MM-DD", times as "YYYY-MM-DD HH:MM:SS" in UTC.
"""
