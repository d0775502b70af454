package session

import (
	"bytes"
	"encoding/json"
	"sync"
)

// Codec is how the session's value is written. Marshal must give the same bytes for the same value, or each request
// looks like a change.
type Codec interface {
	Marshal(v any) ([]byte, error)
	Unmarshal(data []byte, v any) error
}

type jsonCodec struct{}

func (jsonCodec) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (jsonCodec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// encoder finds changes by comparing encodings. For JSON it encodes into a buffer that is used again, since most requests
// change nothing and need no copy.
type encoder struct {
	codec Codec
	pool  *sync.Pool // of *jsonBuffer; nil for other codecs
}

type jsonBuffer struct {
	bytes.Buffer
	enc *json.Encoder
}

func newEncoder(codec Codec) encoder {
	e := encoder{codec: codec}
	if _, ok := codec.(jsonCodec); ok {
		e.pool = &sync.Pool{New: func() any {
			b := new(jsonBuffer)
			b.enc = json.NewEncoder(b)
			return b
		}}
	}
	return e
}

// encode returns the encoding of v. If that equals old it returns old itself.
func (e *encoder) encode(v any, old []byte) (value []byte, same bool, err error) {
	if e.pool == nil {
		value, err = e.codec.Marshal(v)
		return value, err == nil && bytes.Equal(value, old), err
	}
	b := e.pool.Get().(*jsonBuffer)
	b.Reset()
	if err = b.enc.Encode(v); err == nil {
		encoded := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
		if same = bytes.Equal(encoded, old); same {
			value = old
		} else {
			value = bytes.Clone(encoded)
		}
	}
	if b.Cap() <= 1<<16 { // a huge one would be kept for small sessions
		e.pool.Put(b)
	}
	return value, same, err
}
